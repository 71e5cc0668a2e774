//! The clock by which keys grow old: SQLite has none of its own.

use std::sync::LazyLock;
use std::time::Instant;

use crate::models::Timestamp;
use crate::repositories::rows::microsegundos;

/// This machine's clock as it was when the process first asked, and from then on the time that has really passed: a clock that is set
/// while the process runs ages no key by a day, nor keeps one for ever.
static RELOJ: LazyLock<Reloj> = LazyLock::new(|| Reloj::desde(Timestamp::now().microseconds()));

struct Reloj {
    inicio: i64,
    desde: Instant,
}

impl Reloj {
    fn desde(inicio: i64) -> Self {
        Self { inicio, desde: Instant::now() }
    }

    fn ahora(&self) -> i64 {
        self.inicio.saturating_add(microsegundos(self.desde.elapsed()))
    }
}

/// Microseconds since 1970-01-01T00:00:00Z.
pub(super) fn ahora() -> i64 {
    RELOJ.ahora()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HORA: i64 = 3_600_000_000;

    #[test]
    fn it_begins_with_the_machines_clock() {
        assert!((Timestamp::now().microseconds() - ahora()).abs() < HORA);
    }

    #[test]
    fn it_goes_on_from_where_it_began_whatever_the_machines_clock_says() {
        let day = 24 * HORA;
        for inicio in [0, Timestamp::now().microseconds() - day, Timestamp::now().microseconds() + day] {
            let reloj = Reloj::desde(inicio);
            let (first, second) = (reloj.ahora(), reloj.ahora());
            assert!(inicio <= first && first <= second && second < inicio + HORA);
        }
        assert_eq!(Reloj::desde(i64::MAX).ahora(), i64::MAX);
    }
}
