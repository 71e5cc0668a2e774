//! Forgets the outcomes that were kept long enough.

use std::sync::Weak;
use std::time::Duration;

use standards_core::log::{LogLevel, Record};

use crate::database::RepositoryError;
use crate::repositories::OutcomeRepository;

/// Outcomes that one statement deletes at most: it must not hold up payments.
const AT_MOST: u32 = 1000;
/// The longest time between two rounds.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);
const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);
/// The time between two statements of a round.
const BREATH: Duration = Duration::from_millis(20);

/// Deletes, again and again, what is older than `older_than`; ends when nobody else uses the repository any more.
pub async fn reap_forever(outcomes: Weak<dyn OutcomeRepository>, older_than: Duration) {
    let mut failed = false;
    loop {
        tokio::time::sleep(interval(older_than)).await;
        let Some(outcomes) = outcomes.upgrade() else { break };
        let round = reap(&*outcomes, older_than).await;
        // Told once: the next rounds find what this one left.
        if let (Err(error), false) = (&round, failed) {
            let message = "No se pudieron borrar las claves de idempotencia vencidas";
            Record::new(LogLevel::Warning, message).target(module_path!()).error(error).emit();
        }
        failed = round.is_err();
    }
}

async fn reap(outcomes: &dyn OutcomeRepository, older_than: Duration) -> Result<(), RepositoryError> {
    while outcomes.reap(older_than, AT_MOST).await? >= u64::from(AT_MOST) {
        tokio::time::sleep(BREATH).await;
    }
    Ok(())
}

fn interval(older_than: Duration) -> Duration {
    (older_than / 10).clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL)
}
