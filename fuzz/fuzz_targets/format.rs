//! Every format: `FUZZ_FORMAT=cef` fixes it, else the first byte picks one.
#![no_main]

use std::sync::LazyLock;

use gonogo::source::FORMATS;

static FIXED: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("FUZZ_FORMAT").ok());

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(format) = &*FIXED {
        gonogo_fuzz::read(format, bytes);
    } else if let Some((first, rest)) = bytes.split_first() {
        gonogo_fuzz::read(FORMATS[usize::from(*first) % FORMATS.len()].id, rest);
    }
});
