//! Files as they lie on disk: gzip, zstd, bzip2, EVTX, Parquet or text, told by their bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gonogo_fuzz::read(("auto", ""), bytes));
