//! Periods: shorter than a day is elapsed time from the window's start; days and longer follow the wall clock of the window's zone.
