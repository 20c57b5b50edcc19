//! Panics of libraries that become errors: caught where they are expected, told by whoever catches them and nowhere else.

use std::{
    any::Any,
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Once,
};

thread_local! {
    /// Whether a panic of this thread is caught and told elsewhere.
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the default message of a panic of this thread off the terminal, from now on.
pub fn silence_this_thread() {
    hook();
    SILENT.set(true);
}

/// Does something that may panic; a panic becomes what it said. Nothing is told of it on the terminal, unless it begins on another thread.
///
/// # Errors
/// When it panics.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    hook();
    let before = SILENT.replace(true);
    // What a panic leaves half done is dropped with it: callers use nothing of it afterwards.
    let done = catch_unwind(AssertUnwindSafe(work));
    SILENT.set(before);
    done.map_err(|panic| said(panic.as_ref()))
}

fn hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !SILENT.get() {
                usual(info);
            }
        }));
    });
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_what_it_said() {
        assert_eq!(caught(|| 3), Ok(3));
        let empty: Vec<u8> = Vec::new();
        assert!(caught(|| empty[usize::from(empty.is_empty())]).is_err_and(|said| said.contains("out of bounds")));
        assert_eq!(caught(|| std::panic::panic_any("short")), Err::<(), _>("short".into()));
        assert!(!SILENT.get(), "what comes after is told as ever");
    }
}
