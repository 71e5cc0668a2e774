//! Sending what was planned, and recording what comes.

use futures_util::future::join_all;
use serde_json::Value;

use super::client::Client;
use super::exchange::{Exchange, Header, Request, Role};
use super::probes::{Body, Id, Probe};
use super::profile::{Auth, Captured};
use super::progress::Progress;
use super::recorded::Recorded;

/// The header of the guideline.
const CORRELATION: &str = "X-Correlation-ID";

/// One run's requests.
#[derive(Debug)]
pub(super) struct Session<'a> {
    pub client: &'a Client,
    pub recorded: Recorded,
    /// Where it is told how far it is; nowhere unless it is set.
    pub progress: Progress,
    captured: Captured,
    /// Headers that go with every request.
    headers: Vec<Header>,
    /// The header that goes with those that show who they are.
    token: Option<Header>,
    count: usize,
}

impl<'a> Session<'a> {
    pub(super) fn new(client: &'a Client, mut recorded: Recorded, headers: Vec<Header>) -> Self {
        let token = recorded.profile.auth.as_ref().map(token_header);
        recorded.has_token = token.is_some() || headers.iter().any(|header| header.name.eq_ignore_ascii_case("authorization"));
        let captured = Captured::new(&recorded.run);
        Self { client, recorded, progress: Progress::default(), captured, headers, token, count: 0 }
    }

    /// Sends all of them, in their order; those that go at once together.
    pub(super) async fn send_all(&mut self, probes: &[Probe]) {
        for (at, probe) in probes.iter().enumerate() {
            if !self.captured.knows(&probe.path) {
                continue;
            }
            self.progress.tell(at, probes.len());
            self.send(probe).await;
        }
    }

    /// Sends one, or several at once.
    pub(super) async fn send(&mut self, probe: &Probe) {
        let requests: Vec<(Option<String>, Request)> = (0..probe.times).map(|_| self.request(probe)).collect();
        let outcomes = join_all(requests.iter().map(|(_, request)| self.client.send(request))).await;
        for ((id, request), outcome) in requests.into_iter().zip(outcomes) {
            let template = self.recorded.document.as_ref().and_then(|document| document.template(&request.path));
            let template = template.map(str::to_owned);
            let exchange = Exchange {
                role: probe.role,
                also: None,
                id,
                template,
                request: shortened(request),
                outcome,
                origin: self.client.target.origin(),
            };
            self.capture(probe, &exchange);
            self.recorded.exchanges.push(exchange);
        }
    }

    fn request(&mut self, probe: &Probe) -> (Option<String>, Request) {
        self.count += 1;
        let own = format!("chk-{}-{}-{}", self.recorded.run, probe.rule, self.count);
        let mut headers = self.headers.clone();
        headers.extend(self.token.iter().filter(|_| probe.token).cloned());
        headers.retain(|header| probe.token || !header.name.eq_ignore_ascii_case("authorization"));
        headers.extend(probe.headers.iter().cloned().map(|header| self.filled(header)));
        let id = match &probe.id {
            Id::Own => Some(own.clone().into_bytes()),
            Id::None => None,
            Id::Given(id) => Some(id.clone()),
        };
        headers.extend(id.map(|id| Header::new(CORRELATION, id)));
        let body = self.body(probe, &mut headers);
        let request = Request { method: probe.method.clone(), path: self.captured.fill_text(&probe.path), headers, body };
        (matches!(probe.id, Id::Own).then_some(own), request)
    }

    fn filled(&self, header: Header) -> Header {
        let value = std::str::from_utf8(&header.value).map(|text| self.captured.fill_text(text).into_bytes());
        Header { value: value.unwrap_or_else(|_| header.value.clone()), ..header }
    }

    fn body(&mut self, probe: &Probe, headers: &mut Vec<Header>) -> Option<Vec<u8>> {
        let (kind, bytes) = match &probe.body {
            Body::None => return None,
            Body::Json(value) => {
                let filled = self.captured.fill(value);
                let private = probe.private.iter().filter_map(|pointer| filled.pointer(pointer).and_then(Value::as_str));
                self.recorded.canaries.extend(private.map(str::to_owned));
                ("application/json", filled.to_string().into_bytes())
            }
            Body::Raw(kind, bytes) => (*kind, bytes.clone()),
        };
        if !headers.iter().any(|header| header.name.eq_ignore_ascii_case("content-type")) {
            headers.push(Header::new("Content-Type", kind));
        }
        Some(bytes)
    }

    fn capture(&mut self, probe: &Probe, exchange: &Exchange) {
        let Some(answer) = exchange.answer().filter(|answer| answer.status < 400 && probe.role != Role::NoToken) else { return };
        let Some(body) = answer.json() else { return };
        for (name, pointer) in &probe.capture {
            if let Some(value) = body.pointer(pointer) {
                self.captured.keep(name, value.clone());
            }
        }
    }
}

fn token_header(auth: &Auth) -> Header {
    let value = format!("{} {}", auth.scheme, auth.token);
    Header { secret: true, ..Header::new(&auth.header, value.trim()) }
}

/// What is kept of a request: not all of a large body.
fn shortened(mut request: Request) -> Request {
    if let Some(body) = &mut request.body {
        body.truncate(4096);
        body.shrink_to_fit();
    }
    request
}
