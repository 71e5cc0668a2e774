//! The span of a batch: one statement that serves many requests is within none of theirs, and linked to each.

use standards_axum::otel::opentelemetry::KeyValue;
use standards_axum::otel::opentelemetry::trace::{SpanBuilder, SpanKind, Status, TraceContextExt};
use standards_axum::otel::{self, SharedSpan};

use super::order::Order;
use crate::database::RepositoryError;
use crate::metrics::DatabaseOperation;

/// The span of a batch, if a request of it is recorded.
pub(super) struct BatchSpan(SharedSpan);

impl BatchSpan {
    /// Begins it, for orders that `system` will decide.
    pub(super) fn begin(orders: &[Order], system: &'static str) -> Self {
        Self(SharedSpan::begin(orders.iter().filter_map(Order::request), || described(system, orders.len())))
    }

    /// Has it decided.
    pub(super) async fn around<T>(
        self,
        decision: impl Future<Output = Result<T, RepositoryError>>,
    ) -> Result<T, RepositoryError> {
        let told = async {
            let decision = decision.await;
            if let Err(error) = &decision {
                tell(error);
            }
            decision
        };
        self.0.around(told).await
    }
}

/// By OpenTelemetry's semantic conventions for databases, by which a batch has a size where it is more than one.
fn described(system: &'static str, orders: usize) -> SpanBuilder {
    let operation = DatabaseOperation::Decide.as_str();
    let mut span = SpanBuilder::from_name(format!("{operation} pagos")).with_kind(SpanKind::Client);
    let size = i64::try_from(orders).ok().filter(|size| *size > 1);
    let attributes = [("db.system.name", system), ("db.operation.name", operation), ("db.collection.name", "pagos")];
    let attributes = attributes.map(|(name, value)| KeyValue::new(name, value)).into_iter();
    span.attributes = Some(attributes.chain(size.map(|size| KeyValue::new("db.operation.batch.size", size))).collect());
    span
}

fn tell(error: &RepositoryError) {
    let context = otel::current();
    let span = context.span();
    span.set_attribute(KeyValue::new("error.type", error.error_type()));
    if let Some(code) = error.sqlstate() {
        span.set_attribute(KeyValue::new("db.response.status_code", code.to_owned()));
    }
    span.set_status(Status::error(""));
}
