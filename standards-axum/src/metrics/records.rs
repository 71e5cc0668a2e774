//! The log: how many records it wrote, and how many it had to drop.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use standards_core::log::{self, LogLevel, RecordCounts};

const LEVELS: [LogLevel; 4] = [LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error];

/// Reads what the log of this process has counted; nothing where somebody else's log is in force.
#[derive(Debug)]
pub(super) struct Records;

impl Collector for Records {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (records, dropped) = log::handle().map(|log| (log.records(), log.dropped())).unwrap_or_default();
        write(&mut encoder, "log_records", "Records of the log by level, dropped ones included.", records)?;
        write(&mut encoder, "log_records_dropped", "Records that the log had no room for, by level.", dropped)
    }
}

fn write(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, counts: RecordCounts) -> fmt::Result {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for level in LEVELS {
        let labels = [("level", level.as_str())];
        family.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&counts.at(level), None)?;
    }
    Ok(())
}
