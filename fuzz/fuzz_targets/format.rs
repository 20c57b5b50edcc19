//! Every format, with and without options: the first byte picks one. `FUZZ_FORMAT=cef` leaves it the ways of one format.
#![no_main]

use std::sync::LazyLock;

static WAYS: LazyLock<Vec<(&'static str, &'static str)>> =
    LazyLock::new(|| gonogo_fuzz::ways(std::env::var("FUZZ_FORMAT").ok().as_deref()));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some((first, rest)) = bytes.split_first() {
        gonogo_fuzz::read(WAYS[usize::from(*first) % WAYS.len()], rest);
    }
});
