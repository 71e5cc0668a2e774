//! Forgets the outcomes that were kept long enough.

use std::sync::Weak;
use std::time::Duration;

use standards_core::log::{LogLevel, Record};

use crate::database::RepositoryError;
use crate::repositories::OutcomeRepository;

/// Outcomes that one statement deletes at most: it must not hold up payments.
const MAXIMO: u32 = 1000;
/// The longest time between two rounds.
const INTERVALO_MAXIMO: Duration = Duration::from_secs(60);
const INTERVALO_MINIMO: Duration = Duration::from_millis(100);
/// The time between two statements of a round.
const RESPIRO: Duration = Duration::from_millis(20);

/// Deletes, again and again, what is older than `older_than`; ends when nobody else uses the repository any more.
pub async fn reap_forever(claves: Weak<dyn OutcomeRepository>, older_than: Duration) {
    let mut fallaba = false;
    loop {
        tokio::time::sleep(intervalo(older_than)).await;
        let Some(claves) = claves.upgrade() else { break };
        let ronda = reap(&*claves, older_than).await;
        // Told once: the next rounds find what this one left.
        if let (Err(error), false) = (&ronda, fallaba) {
            let message = "No se pudieron borrar las claves de idempotencia vencidas";
            Record::new(LogLevel::Warning, message).target(module_path!()).error(error).emit();
        }
        fallaba = ronda.is_err();
    }
}

async fn reap(claves: &dyn OutcomeRepository, older_than: Duration) -> Result<(), RepositoryError> {
    while claves.reap(older_than, MAXIMO).await? >= u64::from(MAXIMO) {
        tokio::time::sleep(RESPIRO).await;
    }
    Ok(())
}

fn intervalo(older_than: Duration) -> Duration {
    (older_than / 10).clamp(INTERVALO_MINIMO, INTERVALO_MAXIMO)
}
