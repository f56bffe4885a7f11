//! A process on a part of a core: stopped whenever it has had its share. Needs no rights and no control groups.

use rustix::process::{Pid, Signal, kill_process};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// So often the share is looked at.
const STEP: Duration = Duration::from_millis(4);

/// Holds a process to its share until it is dropped.
pub(crate) struct Capped {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Capped {
    /// `share` of one core.
    pub(crate) fn hold(process: u32, share: f64) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            let Some(pid) = i32::try_from(process).ok().and_then(Pid::from_raw) else {
                return;
            };
            let (begun, before) = (Instant::now(), had(process));
            while !over.load(Ordering::Relaxed) {
                let due = begun.elapsed().mul_f64(share);
                let signal = match had(process).saturating_sub(before) > due {
                    true => Signal::STOP,
                    false => Signal::CONT,
                };
                // A process that has ended needs no cap.
                if kill_process(pid, signal).is_err() {
                    return;
                }
                std::thread::sleep(STEP);
            }
            let _ = kill_process(pid, Signal::CONT);
        });
        Self {
            is_over,
            thread: Some(thread),
        }
    }
}

/// What all its threads have had of the cores.
fn had(process: u32) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task"));
    let tasks = tasks.into_iter().flatten().flatten();
    let nanos = tasks.filter_map(|task| {
        let said = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        said.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

impl Drop for Capped {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
