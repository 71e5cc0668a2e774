//! What spans and their attributes are called.

/// Names of attributes, of OpenTelemetry's semantic conventions where they have one.
pub(crate) mod attribute {
    pub(crate) const CORRELATION_ID: &str = "correlation_id";
    pub(crate) const ERROR_CODE: &str = "error_code";
    pub(crate) const ERROR_TYPE: &str = "error.type";
    pub(crate) const METHOD: &str = "http.request.method";
    pub(crate) const RESEND_COUNT: &str = "http.request.resend_count";
    pub(crate) const ROUTE: &str = "http.route";
    pub(crate) const STATUS: &str = "http.response.status_code";
    pub(crate) const PEER: &str = "peer.service";
    pub(crate) const SERVER_ADDRESS: &str = "server.address";
    pub(crate) const SERVER_PORT: &str = "server.port";
    pub(crate) const URL_FULL: &str = "url.full";
    pub(crate) const URL_PATH: &str = "url.path";
    /// Ours, and never exported: the span is that of a probe.
    pub(crate) const PROBE: &str = "standards.probe";
}

/// One of nine verbs (RFC 9110, section 9; RFC 5789); a client may send any word, which the conventions call `_OTHER`.
pub(crate) fn verb(method: &str) -> &'static str {
    const VERBS: [&str; 9] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT"];
    VERBS.into_iter().find(|verb| *verb == method).unwrap_or("_OTHER")
}

/// What a span of this verb is called where no more is known.
pub(crate) fn span_name(verb: &'static str) -> &'static str {
    if verb == "_OTHER" { "HTTP" } else { verb }
}

/// The beginning of a path, of a kilobyte at most.
pub(crate) fn bounded(path: &str) -> String {
    path.get(..path.floor_char_boundary(1024)).unwrap_or_default().to_owned()
}
