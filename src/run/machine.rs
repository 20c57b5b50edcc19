//! What the machine tells of itself and of this process.

use std::time::Instant;

use crate::record::Manifest;

/// The operating system and the number of cores.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{} {}, {cores} cores", std::env::consts::OS, std::env::consts::ARCH)
}

/// The largest memory of this process so far, where the system tells (Linux).
pub fn peak_bytes() -> Option<u64> {
    status_bytes("VmHWM:")
}

/// The memory that this process holds now, where the system tells (Linux).
pub fn held_bytes() -> Option<u64> {
    status_bytes("VmRSS:")
}

/// The memory that is left for programs, without swapping, where the system tells (Linux).
pub fn available_bytes() -> Option<u64> {
    kibibytes(&std::fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:")
}

fn status_bytes(name: &str) -> Option<u64> {
    kibibytes(&std::fs::read_to_string("/proc/self/status").ok()?, name)
}

/// A line such as `VmRSS:  123 kB`, in bytes.
fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

/// CPU seconds of this process so far, where the system tells (Linux; clock ticks are hundredths there).
pub fn cpu_seconds() -> Option<f64> {
    ticks(11)
}

/// CPU seconds of the processes that this one started and waited for, where the system tells.
pub fn children_cpu_seconds() -> Option<f64> {
    ticks(13)
}

/// User and system time, which stand side by side in `/proc/self/stat`.
fn ticks(at: usize) -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The command's name may hold spaces; the fields after it do not.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(at)?.parse::<f64>().ok()? + fields.get(at + 1)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

/// What the wall clock and the processor's showed last.
pub(super) struct Clock(Instant, Option<f64>);

impl Clock {
    /// Looks at both.
    pub(super) fn start() -> Self {
        Self(Instant::now(), cpu_seconds())
    }

    /// Writes down what a stage took since.
    pub(super) fn lap(&mut self, stage: &str, manifest: &mut Manifest) {
        let to_milliseconds = |seconds: f64| (seconds * 1000.0).round() / 1000.0;
        let now = Self::start();
        manifest.seconds.insert(stage.to_owned(), to_milliseconds((now.0 - self.0).as_secs_f64()));
        if let (Some(before), Some(after)) = (self.1, now.1) {
            manifest.cpu_seconds.insert(stage.to_owned(), to_milliseconds(after - before));
        }
        *self = now;
    }
}
