//! Why a row stands in the way of an adoption.

pub(super) const CLIENTE_ID: &str = "clientes whose id is not greater than zero";
pub(super) const PAGO_ID: &str = "pagos whose id is not greater than zero";
pub(super) const EMAIL: &str = "clientes whose e-mails differ only by case or composition";
pub(super) const SALDO: &str = "clientes whose saldo is not a whole number of hundredths between 0.00 and 99999999.99";
pub(super) const MONTO: &str = "pagos whose monto is not a whole number of hundredths between 0.01 and 99999999.99";
pub(super) const ESTADO: &str = "pagos whose estado is none of PENDIENTE, PROCESADO, ANULADO";
pub(super) const MONEDA: &str = "pagos whose moneda is not three capital letters";
pub(super) const MONEDAS: &str = "clientes with pagos in several monedas";
pub(super) const ORPHAN: &str = "pagos without a cliente";
pub(super) const CLIENTE_INSTANT: &str = "clientes whose created_at is not an instant of the years 1 to 9999";
pub(super) const PAGO_INSTANT: &str = "pagos whose created_at or updated_at is not an instant of the years 1 to 9999";
pub(super) const OPENING: &str = "clientes whose saldo and processed pagos together pass 999999999999.99";
pub(super) const TEXT: &str = "clientes whose nombre or email is not a text";
