//! The request at hand.

use std::any::Any;
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::added::{Added, Field};
use super::text::Text;
use super::{CorrelationId, TraceParent};
use crate::language::Language;
use crate::value::Value;

/// What every record of a request says of it. Cheap to clone; clones share the operation's name.
///
/// The HTTP layers of `standards-axum` make one for each request. A worker makes its own, so that its records are found together too.
///
/// ```
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// let message = RequestContext::new(CorrelationId::generate(), "cola/pagos", "CONSUME");
/// message.set_operation("conciliar_pago");
/// let method = context::sync_scope(message, || context::with_current(|request| request.unwrap().method().to_owned()));
/// assert_eq!(method, "conciliar_pago");
/// ```
#[derive(Clone, Debug)]
pub struct RequestContext(Arc<Request>);

/// The longest path or route that is kept in its place.
const SHORT: usize = 52;

#[derive(Debug)]
struct Request {
    correlation_id: CorrelationId,
    began: Instant,
    endpoint: Text<SHORT>,
    http_method: Cow<'static, str>,
    operation: OnceLock<&'static str>,
    found: OnceLock<Found>,
    language: Language,
    trace: Option<TraceParent>,
    access_record_taken: AtomicBool,
    /// Made with the first field.
    added: OnceLock<Mutex<Added>>,
    has_span_fields: AtomicBool,
    /// Nanoseconds from when it began.
    deadline: AtomicU64,
    client_owes: AtomicBool,
    attached: OnceLock<Box<dyn Any + Send + Sync>>,
}

/// What the router has found for it. Together, since most routes are an operation's and each such place costs two fences.
#[derive(Debug)]
struct Found {
    route: Text<SHORT>,
    operation: Option<&'static str>,
}

const NO_DEADLINE: u64 = u64::MAX;

impl RequestContext {
    /// A context for the request `http_method endpoint`; `endpoint` is the path without its query.
    pub fn new(correlation_id: CorrelationId, endpoint: &str, http_method: &str) -> Self {
        Self::with_details(correlation_id, endpoint, http_method, Language::default(), None)
    }

    /// The same, with the client's language and the trace that the request belongs to.
    ///
    /// ```
    /// use standards_core::context::TraceParent;
    /// use standards_core::{CorrelationId, Language, RequestContext};
    ///
    /// let trace = TraceParent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    /// let request = RequestContext::with_details(CorrelationId::generate(), "/pagos", "POST", Language::En, trace);
    /// assert_eq!(request.language(), Language::En);
    /// assert_eq!(request.trace().unwrap().span_id(), "00f067aa0ba902b7");
    /// ```
    pub fn with_details(
        correlation_id: CorrelationId,
        endpoint: &str,
        http_method: &str,
        language: Language,
        trace: Option<TraceParent>,
    ) -> Self {
        Self(Arc::new(Request {
            correlation_id,
            // Tokio's clock, which a test may have paused.
            began: tokio::time::Instant::now().into_std(),
            endpoint: endpoint.into(),
            http_method: method(http_method),
            operation: OnceLock::new(),
            found: OnceLock::new(),
            language,
            trace,
            access_record_taken: AtomicBool::new(false),
            added: OnceLock::new(),
            has_span_fields: AtomicBool::new(false),
            deadline: AtomicU64::new(NO_DEADLINE),
            client_owes: AtomicBool::new(false),
            attached: OnceLock::new(),
        }))
    }

    /// The id in the answer's header and in every record.
    #[must_use]
    pub fn correlation_id(&self) -> &CorrelationId {
        &self.0.correlation_id
    }

    /// When the context was made, which is when the request came: its age, its deadline and its record's duration count from here.
    ///
    /// On Tokio's clock, as [`deadline`](Self::deadline).
    ///
    /// ```
    /// use standards_core::{CorrelationId, RequestContext};
    /// use tokio::time::Instant;
    ///
    /// let request = RequestContext::new(CorrelationId::generate(), "/pagos", "POST");
    /// assert!(Instant::from_std(request.began()) <= Instant::now());
    /// ```
    #[must_use]
    pub fn began(&self) -> Instant {
        self.0.began
    }

    /// The path without its query.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.0.endpoint.as_str()
    }

    /// The HTTP verb.
    #[must_use]
    pub fn http_method(&self) -> &str {
        &self.0.http_method
    }

    /// The record's `method`: the operation's name where one was set, else the HTTP verb.
    #[must_use]
    pub fn method(&self) -> &str {
        let found = || self.0.found.get()?.operation;
        self.0.operation.get().copied().or_else(found).unwrap_or(&self.0.http_method)
    }

    /// Names the operation (`procesar_pago`). The first name stays.
    ///
    /// ```
    /// use standards_core::{CorrelationId, RequestContext};
    ///
    /// let request = RequestContext::new(CorrelationId::generate(), "/pagos", "POST");
    /// request.set_operation("procesar_pago");
    /// request.set_operation("otra");
    /// assert_eq!((request.method(), request.http_method()), ("procesar_pago", "POST"));
    /// ```
    pub fn set_operation(&self, name: &'static str) {
        if self.0.found.get().is_none_or(|found| found.operation.is_none()) {
            let _ = self.0.operation.set(name);
        }
    }

    /// The route's template (`/api/v1/pagos/{id}`), once the router has found it.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        self.0.found.get().map(|found| found.route.as_str())
    }

    /// Notes the route's template. The first one stays.
    ///
    /// ```
    /// use standards_core::{CorrelationId, RequestContext};
    ///
    /// let request = RequestContext::new(CorrelationId::generate(), "/pagos/7", "GET");
    /// assert_eq!(request.route(), None);
    /// request.set_route("/pagos/{id}");
    /// assert_eq!(request.route(), Some("/pagos/{id}"));
    /// ```
    pub fn set_route(&self, template: &str) {
        self.0.found.get_or_init(|| Found { route: template.into(), operation: None });
    }

    /// Notes the route's template and the operation that stands there, as [`set_route`](Self::set_route) and
    /// [`set_operation`](Self::set_operation) do.
    ///
    /// ```
    /// use standards_core::{CorrelationId, RequestContext};
    ///
    /// let request = RequestContext::new(CorrelationId::generate(), "/pagos/7", "GET");
    /// request.set_route_of("/pagos/{id}", "consultar_pago");
    /// assert_eq!((request.route(), request.method()), (Some("/pagos/{id}"), "consultar_pago"));
    /// ```
    pub fn set_route_of(&self, template: &str, operation: &'static str) {
        let found = self.0.found.get_or_init(|| Found { route: template.into(), operation: Some(operation) });
        if found.operation.is_none() {
            self.set_operation(operation);
        }
    }

    /// When the request must have been answered; `None` where nobody waits for a time.
    ///
    /// The deadline layer of `standards-axum` sets it. A queue asks it whether an order is still worth its work, an outbound call how long it
    /// may take; see [`time_left`](Self::time_left).
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let nanoseconds = self.0.deadline.load(Ordering::Relaxed);
        if nanoseconds == NO_DEADLINE { None } else { self.0.began.checked_add(Duration::from_nanos(nanoseconds)) }
    }

    /// Says when the request must have been answered. The earliest stays: a layer within another one can only shorten the time.
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// use standards_core::{CorrelationId, RequestContext};
    ///
    /// let (request, now) = (RequestContext::new(CorrelationId::generate(), "/pagos", "POST"), Instant::now());
    /// assert_eq!(request.deadline(), None);
    /// request.set_deadline(now + Duration::from_secs(2));
    /// request.set_deadline(now + Duration::from_secs(10));
    /// assert_eq!(request.deadline(), Some(now + Duration::from_secs(2)));
    /// ```
    pub fn set_deadline(&self, deadline: Instant) {
        let nanoseconds = deadline.saturating_duration_since(self.0.began).as_nanos();
        // What is centuries ahead is none.
        let nanoseconds = u64::try_from(nanoseconds).unwrap_or(NO_DEADLINE);
        // The first one is set before anybody else works for the request, and needs no fence.
        if self.0.deadline.load(Ordering::Relaxed) == NO_DEADLINE {
            self.0.deadline.store(nanoseconds, Ordering::Relaxed);
        } else {
            self.0.deadline.fetch_min(nanoseconds, Ordering::Relaxed);
        }
    }

    /// How long the request may still take: nothing once its deadline has passed, `None` where it has none.
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// use standards_core::{CorrelationId, RequestContext};
    ///
    /// let request = RequestContext::new(CorrelationId::generate(), "/pagos", "POST");
    /// assert_eq!(request.time_left(), None);
    /// request.set_deadline(Instant::now() + Duration::from_secs(10));
    /// assert!(request.time_left().unwrap() > Duration::from_secs(9));
    /// request.set_deadline(Instant::now());
    /// assert_eq!(request.time_left(), Some(Duration::ZERO));
    /// ```
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        // Tokio's clock, which a test may have paused.
        let now = tokio::time::Instant::now().into_std();
        self.deadline().map(|deadline| deadline.saturating_duration_since(now))
    }

    /// Says whether it is the request's client that is waited for: for the rest of a body.
    ///
    /// The deadline layer of `standards-axum` does, and answers 408 and not 503 when the time is over meanwhile.
    ///
    /// ```
    /// use standards_core::{CorrelationId, RequestContext};
    ///
    /// let request = RequestContext::new(CorrelationId::generate(), "/pagos", "POST");
    /// assert!(!request.client_owes());
    /// request.set_client_owes(true);
    /// assert!(request.client_owes());
    /// ```
    pub fn set_client_owes(&self, owes: bool) {
        self.0.client_owes.store(owes, Ordering::Relaxed);
    }

    /// Whether it is the request's client that is waited for.
    #[must_use]
    pub fn client_owes(&self) -> bool {
        self.0.client_owes.load(Ordering::Relaxed)
    }

    /// Adds a field to every record of the request from now on, its access record included; the last value of a name stays.
    ///
    /// It is masked and written as any other field, and a record's own field of that name goes before it. There are 32 of them at most, of a
    /// kilobyte each: of a longer text the length is told (`…[+1234 bytes]`), and what is more is counted (`omitted_fields`).
    ///
    /// ```
    /// use standards_core::{CorrelationId, RequestContext};
    ///
    /// let request = RequestContext::new(CorrelationId::generate(), "/pagos", "POST");
    /// request.add("cliente_id", 7);
    /// request.add("canal", "web");
    /// ```
    pub fn add(&self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        let added = self.0.added.get_or_init(Mutex::default);
        added.lock().unwrap_or_else(PoisonError::into_inner).set(name, value);
    }

    /// Hands each field that was added to `read`; how many found no room.
    pub(crate) fn read_added(&self, mut read: impl FnMut(&Field)) -> usize {
        let Some(added) = self.0.added.get() else { return 0 };
        let added = added.lock().unwrap_or_else(PoisonError::into_inner);
        added.fields.iter().for_each(&mut read);
        added.omitted
    }

    /// Keeps `value` with the request, for whoever works on it and knows the type. The first one stays.
    ///
    /// The door that made the context attaches what it will ask for again deeper within: `standards-axum` its span of the request.
    ///
    /// ```
    /// use standards_core::{CorrelationId, RequestContext};
    ///
    /// #[derive(Debug, PartialEq)]
    /// struct Partition(u32);
    ///
    /// let message = RequestContext::new(CorrelationId::generate(), "cola/pagos", "CONSUME");
    /// message.attach(Partition(7));
    /// assert_eq!(message.attached(), Some(&Partition(7)));
    /// assert_eq!(message.attached::<String>(), None);
    /// ```
    pub fn attach<T: Any + Send + Sync>(&self, value: T) {
        self.0.attached.get_or_init(|| Box::new(value));
    }

    /// What was [attached](Self::attach), where it is a `T`.
    #[must_use]
    pub fn attached<T: Any>(&self) -> Option<&T> {
        self.0.attached.get()?.downcast_ref()
    }

    /// Notes that a span of the request has fields of its own; `true` for the first.
    pub(crate) fn note_span_fields(&self) -> bool {
        !self.0.has_span_fields.swap(true, Ordering::Relaxed)
    }

    /// Whether there may be a span whose fields stand in the records within it.
    pub(crate) fn has_span_fields(&self) -> bool {
        self.0.has_span_fields.load(Ordering::Relaxed)
    }

    /// Takes it upon whoever asks to tell how the request ended; `false` where somebody has.
    ///
    /// The access log of `standards-axum` does, so that layers within one another write one record.
    ///
    /// ```
    /// use standards_core::{CorrelationId, RequestContext};
    ///
    /// let request = RequestContext::new(CorrelationId::generate(), "/pagos", "POST");
    /// assert!(request.take_access_record());
    /// assert!(!request.clone().take_access_record());
    /// ```
    #[must_use]
    pub fn take_access_record(&self) -> bool {
        // Layers are called one by the other, never two at once: a swap would be a fence for nothing.
        let is_taken = self.has_access_record();
        self.0.access_record_taken.store(true, Ordering::Relaxed);
        !is_taken
    }

    /// Whether somebody tells how the request ended.
    pub(crate) fn has_access_record(&self) -> bool {
        self.0.access_record_taken.load(Ordering::Relaxed)
    }

    /// Whether both are one request's, and not merely equal.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The language in which the client wants its messages.
    #[must_use]
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// The distributed trace that the request belongs to.
    #[must_use]
    pub fn trace(&self) -> Option<&TraceParent> {
        self.0.trace.as_ref()
    }
}

/// The methods of nearly all requests are copied nowhere.
fn method(name: &str) -> Cow<'static, str> {
    Cow::Borrowed(match name {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => return name.to_owned().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operation_names_the_method_once_it_is_known() {
        let request = RequestContext::new(CorrelationId::generate(), "/api/v1/pagos", "POST");
        assert_eq!(request.method(), "POST");
        request.clone().set_operation("procesar_pago");
        request.set_operation("otro");
        assert_eq!(request.method(), "procesar_pago");
        assert_eq!(request.http_method(), "POST");
    }

    #[test]
    fn the_first_route_and_the_first_operation_stay() {
        type Note = fn(&RequestContext);
        let route: Note = |request| request.set_route("/a");
        let operation: Note = |request| request.set_operation("a");
        let both: Note = |request| request.set_route_of("/b", "b");
        for (notes, expected) in [
            ([route, operation, both], (Some("/a"), "a")),
            ([route, both, operation], (Some("/a"), "b")),
            ([operation, both, route], (Some("/b"), "a")),
            ([both, operation, route], (Some("/b"), "b")),
        ] {
            let request = RequestContext::new(CorrelationId::generate(), "/", "GET");
            notes.iter().for_each(|note| note(&request));
            assert_eq!((request.route(), request.method()), expected);
        }
    }

    #[test]
    fn a_deadline_before_the_beginning_has_passed_and_one_in_centuries_is_none() {
        let request = RequestContext::new(CorrelationId::generate(), "/", "GET");
        if let Some(far) = request.began().checked_add(Duration::from_secs(1_000 * 365 * 86_400)) {
            request.set_deadline(far);
            assert_eq!(request.deadline(), None);
        }
        if let Some(past) = request.began().checked_sub(Duration::from_secs(1)) {
            request.set_deadline(past);
            assert_eq!(request.time_left(), Some(Duration::ZERO));
        }
    }
}
