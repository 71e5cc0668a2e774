//! The guideline's `StructuredLogger`.

use std::borrow::Cow;
use std::panic::Location;

use super::record::Record;
use crate::level::LogLevel;
use crate::log::line::LogError;
use crate::value::Value;

/// Writes records with a context (guideline section 3, "Utility StructuredLogger").
///
/// ```
/// use standards_core::log::StructuredLogger;
/// use standards_core::log_context;
///
/// const LOGGER: StructuredLogger = StructuredLogger::new(module_path!());
///
/// LOGGER.info("Iniciando procesamiento de pago", log_context! { cliente_id: 123, monto: "100.50" });
/// LOGGER.with("cliente_id", 123).with("pago_id", 456).info("Pago procesado exitosamente");
/// LOGGER.debug("Sin contexto", ());
/// ```
///
/// # Example: helpers of a service's own domain
///
/// ```
/// use standards_core::log::{ContextBuilder, LogContext, StructuredLogger};
///
/// trait PagoContext: LogContext {
///     fn with_cliente(self, cliente_id: i64) -> ContextBuilder {
///         self.with("cliente_id", cliente_id)
///     }
///     fn with_pago(self, pago_id: i64) -> ContextBuilder {
///         self.with("pago_id", pago_id)
///     }
/// }
///
/// impl<L: LogContext> PagoContext for L {}
///
/// let logger = StructuredLogger::new("ms_pago_service::pagos");
/// logger.with_cliente(123).with_pago(456).with("monto", "100.50").info("Pago procesado exitosamente");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StructuredLogger {
    name: &'static str,
}

/// Something to which a context can be added: a logger, or a context begun. The place for a service's own helpers.
///
/// ```
/// use standards_core::log::{ContextBuilder, LogContext, StructuredLogger};
///
/// fn of_caja(log: impl LogContext, caja_id: i64) -> ContextBuilder {
///     log.with("caja_id", caja_id).with("sucursal", "Centro")
/// }
///
/// const LOGGER: StructuredLogger = StructuredLogger::new(module_path!());
/// of_caja(LOGGER, 3).info("Caja abierta");
/// of_caja(LOGGER.with("turno", "noche"), 3).info("Caja cerrada");
/// ```
pub trait LogContext: Sized {
    /// Adds a value. Of two with one name the first stays.
    fn with(self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> ContextBuilder;
}

/// A logger and the context of its next record.
///
/// It can be kept and cloned where several records share their fields.
///
/// ```
/// use standards_core::log::StructuredLogger;
///
/// let pago = StructuredLogger::new(module_path!()).with("pago_id", 456);
/// pago.clone().info("Pago recibido");
/// pago.with("monto", "100.50").info("Pago procesado exitosamente");
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is written before `info`, `warning`, `error` or `debug`"]
pub struct ContextBuilder {
    logger: StructuredLogger,
    context: Context,
}

/// Named values, as [`log_context!`](crate::log_context) makes them.
///
/// ```
/// use standards_core::log::Context;
///
/// let context: Context = [("pago_id", 7), ("cliente_id", 3)].into();
/// assert_eq!(context, [("pago_id", 7), ("cliente_id", 3)].into_iter().collect());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context(Vec<(Cow<'static, str>, Value)>);

impl StructuredLogger {
    /// A logger for the module `name`, usually `module_path!()`; its level is filtered by it.
    ///
    /// ```
    /// use standards_core::log::StructuredLogger;
    ///
    /// const LOGGER: StructuredLogger = StructuredLogger::new(module_path!());
    /// LOGGER.info("Caja abierta", ());
    /// ```
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name }
    }

    /// A business event.
    #[track_caller]
    pub fn info(&self, message: &str, context: impl Into<Context>) {
        self.record(LogLevel::Info, message, context.into()).emit();
    }

    /// An expected failure.
    ///
    /// ```
    /// use standards_core::log::StructuredLogger;
    /// use standards_core::log_context;
    ///
    /// StructuredLogger::new("caja").warning("Pago rechazado", log_context! { error_code: "SALDO_INSUFICIENTE" });
    /// ```
    #[track_caller]
    pub fn warning(&self, message: &str, context: impl Into<Context>) {
        self.record(LogLevel::Warning, message, context.into()).emit();
    }

    /// What someone must act on, and the error behind it: a [`Failure`](crate::Failure) or any `dyn Error`.
    ///
    /// ```
    /// use standards_core::log::StructuredLogger;
    /// use standards_core::{Failure, log_context};
    ///
    /// let failure = Failure::unavailable("connection refused");
    /// StructuredLogger::new("caja").error("Cierre fallido", log_context! { caja_id: 3 }, &failure);
    /// ```
    #[track_caller]
    pub fn error(&self, message: &str, context: impl Into<Context>, error: &(impl LogError + ?Sized)) {
        self.record(LogLevel::Error, message, context.into()).error(error).emit();
    }

    /// A detail for developers.
    #[track_caller]
    pub fn debug(&self, message: &str, context: impl Into<Context>) {
        self.record(LogLevel::Debug, message, context.into()).emit();
    }

    /// Begins the context of a record.
    pub fn with(self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> ContextBuilder {
        ContextBuilder { logger: self, context: Context::default() }.with(name, value)
    }

    #[track_caller]
    fn record<'a>(&self, level: LogLevel, message: &'a str, context: Context) -> Record<'a> {
        Record::at(Location::caller(), level, message).target(self.name).fields(context.0)
    }
}

impl ContextBuilder {
    /// Adds a value. Of two with one name the first stays.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.context.0.push((name.into(), value.into()));
        self
    }

    /// A business event.
    #[track_caller]
    pub fn info(self, message: &str) {
        self.logger.info(message, self.context);
    }

    /// An expected failure.
    #[track_caller]
    pub fn warning(self, message: &str) {
        self.logger.warning(message, self.context);
    }

    /// What someone must act on, and the error behind it: a [`Failure`](crate::Failure) or any `dyn Error`.
    #[track_caller]
    pub fn error(self, message: &str, error: &(impl LogError + ?Sized)) {
        self.logger.error(message, self.context, error);
    }

    /// A detail for developers.
    #[track_caller]
    pub fn debug(self, message: &str) {
        self.logger.debug(message, self.context);
    }
}

impl LogContext for StructuredLogger {
    fn with(self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> ContextBuilder {
        Self::with(self, name, value)
    }
}

impl LogContext for ContextBuilder {
    fn with(self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> ContextBuilder {
        Self::with(self, name, value)
    }
}

impl From<()> for Context {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl<N: Into<Cow<'static, str>>, V: Into<Value>, const LENGTH: usize> From<[(N, V); LENGTH]> for Context {
    fn from(values: [(N, V); LENGTH]) -> Self {
        values.into_iter().collect()
    }
}

impl<N: Into<Cow<'static, str>>, V: Into<Value>> FromIterator<(N, V)> for Context {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(values: I) -> Self {
        Self(values.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// The context of a record, as the guideline writes it: names and values of any types.
///
/// ```
/// use standards_core::log::StructuredLogger;
/// use standards_core::log_context;
///
/// let context = log_context! { cliente_id: 123, monto: "100.50", "con guion": true };
/// StructuredLogger::new("caja").info("Cierre", context);
/// ```
#[macro_export]
macro_rules! log_context {
    ($($name:tt : $value:expr),* $(,)?) => {
        [$(($crate::__name!($name), $crate::log::Value::from($value))),*]
            .into_iter()
            .collect::<$crate::log::Context>()
    };
}

/// A name, written as an identifier or as a text.
#[doc(hidden)]
#[macro_export]
macro_rules! __name {
    ($name:ident) => {
        stringify!($name)
    };
    ($name:literal) => {
        $name
    };
}
