//! The process, as the kernel sees it: memory, descriptors, processor time, under the names that every Prometheus client has for them.

use std::fmt;
use std::fs::{read_dir, read_to_string};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

/// Reads `/proc/self` when a page is written; what cannot be read is not told.
#[derive(Debug)]
pub(super) struct Process;

/// The kernel's clock ticks a second, as it tells them to programs: 100 on all machines that Rust's standard library has for Linux.
const TICKS: f64 = 100.0;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let read = |path: &str| read_to_string(path).unwrap_or_default();
        let (status, stat) = (read("/proc/self/status"), read("/proc/self/stat"));
        let cpu = ticks(&stat, UTIME).zip(ticks(&stat, STIME)).map(|(user, system)| user + system);
        let started = boot_time(&read("/proc/stat")).zip(ticks(&stat, START)).map(|(boot, since)| boot + since);
        seconds(
            &mut encoder,
            "process_cpu_seconds",
            "Processor time of all threads, user and system.",
            MetricType::Counter,
            cpu,
        )?;
        let help = "When the process began, in seconds since 1970.";
        seconds(&mut encoder, "process_start_time_seconds", help, MetricType::Gauge, started)?;
        let (resident, virtuals) = (kibibytes(&status, "VmRSS:"), kibibytes(&status, "VmSize:"));
        whole(&mut encoder, "process_resident_memory_bytes", "Memory that the process has in the machine's.", resident)?;
        whole(&mut encoder, "process_virtual_memory_bytes", "Memory that the process has asked for.", virtuals)?;
        whole(&mut encoder, "process_open_fds", "Open file descriptors.", open_descriptors())?;
        let help = "File descriptors that the process may have open.";
        whole(&mut encoder, "process_max_fds", help, most_descriptors(&read("/proc/self/limits")))
    }
}

fn seconds(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, kind: MetricType, value: Option<f64>) -> fmt::Result {
    let Some(value) = value else { return Ok(()) };
    let mut metric = encoder.encode_descriptor(name, help, None, kind)?;
    match kind {
        MetricType::Counter => metric.encode_counter::<NoLabelSet, _, u64>(&value, None),
        _ => metric.encode_gauge(&value),
    }
}

fn whole(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: Option<u64>) -> fmt::Result {
    let Some(value) = value else { return Ok(()) };
    encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)
}

/// Places in `/proc/self/stat` behind the program's name, which may hold anything (`proc_pid_stat(5)`: fields 14, 15 and 22).
const UTIME: usize = 11;
const STIME: usize = 12;
const START: usize = 19;

/// A count of ticks, in seconds.
fn ticks(stat: &str, place: usize) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: u32 = fields.split_ascii_whitespace().nth(place)?.parse().ok()?;
    Some(f64::from(ticks) / TICKS)
}

/// When the machine began, in seconds since 1970.
fn boot_time(stat: &str) -> Option<f64> {
    let seconds: u32 = stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(seconds.into())
}

/// A size of `/proc/self/status`, in bytes.
fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let size = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = size.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// Without the one through which they are read.
fn open_descriptors() -> Option<u64> {
    let all = u64::try_from(read_dir("/proc/self/fd").ok()?.count()).ok()?;
    all.checked_sub(1)
}

/// The soft limit of `/proc/self/limits`; none where there is no limit.
fn most_descriptors(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_be_called_anything() {
        let fields = "S 1 2 3 4 5 6 7 8 9 10 250 150 13 14 15 16 17 18 4200 20 21";
        for name in ["pagos", "a) 1 (b", "((", ""] {
            let stat = format!("7 ({name}) {fields}");
            assert_eq!([UTIME, STIME, START].map(|place| ticks(&stat, place)), [Some(2.5), Some(1.5), Some(42.0)], "{name}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_told() {
        for text in ["", "7 (x", "7 (x) S", "VmRSS:\t x kB", "VmRSS:", "btime -1", "Max open files   unlimited  unlimited  files"]
        {
            assert_eq!((ticks(text, UTIME), boot_time(text), kibibytes(text, "VmRSS:")), (None, None, None), "{text}");
            assert_eq!(most_descriptors(text), None, "{text}");
        }
        assert_eq!(kibibytes("Name:\tx\nVmRSS:\t   12 kB\n", "VmRSS:"), Some(12_288));
        assert_eq!(
            most_descriptors("Max open files            1024                 524288               files     \n"),
            Some(1_024)
        );
        assert_eq!(boot_time("cpu 1\nbtime 1700000000\n"), Some(1_700_000_000.0));
    }
}
