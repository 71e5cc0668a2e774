//! Forms with files.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use standards_core::{ErrorStatus, Failure, FieldError};

use super::body;
use crate::answer::ApiError;

/// A body of `multipart/form-data`, part by part as it arrives.
///
/// The whole is bounded by the [`BodyLimitLayer`](crate::layers::BodyLimitLayer), the parts by what the handler says before it reads
/// the first one: 64 of them, each as large as the whole, unless it says less.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::post};
/// use http::Request;
/// use standards_axum::extract::Multipart;
/// use standards_axum::{ApiResult, ok};
/// use tower::ServiceExt;
///
/// async fn subir(form: Multipart) -> ApiResult<usize> {
///     let mut form = form.with_max_parts(2).with_max_part_bytes(1024);
///     let mut archivo = None;
///     while let Some(part) = form.next_part().await? {
///         if part.name() == "archivo" {
///             archivo = Some(part.bytes().await?);
///         }
///     }
///     ok(archivo.ok_or_else(|| Multipart::missing("archivo"))?.len())
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let app: Router = Router::new().route("/archivos", post(subir));
/// let form = "--x\r\nContent-Disposition: form-data; name=\"archivo\"; filename=\"a.txt\"\r\n\r\nhola\r\n--x--\r\n";
/// let request = Request::post("/archivos").header("content-type", "multipart/form-data; boundary=x");
/// assert_eq!(app.oneshot(request.body(Body::from(form)).unwrap()).await.unwrap().status(), 200);
/// # });
/// ```
///
/// # Errors
///
/// 415 for another `Content-Type`, one without a boundary, or any `Content-Encoding`; 413 for a whole past the limit; 422
/// `VALIDATION_ERROR` about `body` for too many parts, a part without a name and a form that is malformed or ends too early, and about
/// the part where it is too large, or no text where one is asked for; 400 for a body that breaks off.
///
/// # Example: a part that is too large
///
/// ```
/// use axum::body::{Body, to_bytes};
/// use axum::{Router, routing::post};
/// use http::Request;
/// use standards_axum::extract::Multipart;
/// use standards_axum::ok;
/// use tower::ServiceExt;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let contar = async |form: Multipart| {
///     let mut form = form.with_max_part_bytes(3);
///     let mut bytes = 0;
///     while let Some(part) = form.next_part().await? {
///         bytes += part.bytes().await?.len();
///     }
///     ok(bytes)
/// };
/// let app: Router = Router::new().route("/archivos", post(contar));
/// let form = "--x\r\nContent-Disposition: form-data; name=\"foto\"\r\n\r\nhola\r\n--x--\r\n";
/// let request = Request::post("/archivos").header("content-type", "multipart/form-data; boundary=x");
/// let answer = app.oneshot(request.body(Body::from(form)).unwrap()).await.unwrap();
/// assert_eq!(answer.status(), 422);
/// let body = to_bytes(answer.into_body(), 1024).await.unwrap();
/// assert!(String::from_utf8_lossy(&body).contains("foto: debe tener a lo más 3 bytes"));
/// # });
/// ```
#[derive(Debug)]
pub struct Multipart {
    inner: axum::extract::Multipart,
    parts: usize,
    max_parts: usize,
    max_part_bytes: usize,
}

/// A part of a [`Multipart`]: a field's text, or a file.
#[derive(Debug)]
pub struct Part<'m> {
    field: Field<'m>,
    name: String,
    read: usize,
    max: usize,
}

const MAX_PARTS: usize = 64;
const MAX_NAME: usize = 128;
const MAX_FILE_NAME: usize = 255;
const BODY: &str = "body";

impl<S: Send + Sync> FromRequest<S> for Multipart {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        body::check_multipart(&request)?;
        match axum::extract::Multipart::from_request(request, state).await {
            Ok(inner) => Ok(Self { inner, parts: 0, max_parts: MAX_PARTS, max_part_bytes: usize::MAX }),
            Err(_) => Err(Failure::http(ErrorStatus::UNSUPPORTED_MEDIA_TYPE).into()),
        }
    }
}

impl Multipart {
    /// Takes no more parts than these.
    ///
    /// Files and fields count alike. The part that is one too many is 422 about `body`.
    #[must_use]
    pub const fn with_max_parts(mut self, parts: usize) -> Self {
        self.max_parts = parts;
        self
    }

    /// Takes no more bytes than these of one part.
    ///
    /// It holds for each part that is asked for from then on; of one past it no more is kept than that.
    #[must_use]
    pub const fn with_max_part_bytes(mut self, bytes: usize) -> Self {
        self.max_part_bytes = bytes;
        self
    }

    /// The next part, `None` after the last one. What was not read of the one before is skipped.
    ///
    /// # Errors
    ///
    /// Those of the [type](Self), but for the ones about a part's content.
    pub async fn next_part(&mut self) -> Result<Option<Part<'_>>, ApiError> {
        let max = self.max_part_bytes;
        let Some(field) = self.inner.next_field().await.map_err(broken)? else { return Ok(None) };
        self.parts += 1;
        if self.parts > self.max_parts {
            return Err(refuse(
                BODY,
                &format!("debe tener a lo más {} partes", self.max_parts),
                &format!("must have at most {} parts", self.max_parts),
            ));
        }
        match field.name().filter(|name| is_name(name)).map(str::to_owned) {
            Some(name) => Ok(Some(Part { field, name, read: 0, max })),
            None => Err(refuse(BODY, "tiene una parte sin un nombre válido", "has a part without a valid name")),
        }
    }

    /// The failure of a form that lacks this part: 422 `{name}: es obligatorio`.
    #[must_use]
    pub fn missing(name: &str) -> ApiError {
        refuse(name, "es obligatorio", "is required")
    }
}

impl Part<'_> {
    /// What the form calls it; the same name may come again.
    ///
    /// 1 to 128 bytes without control characters: a part of another name does not come so far.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the client's file, of which nothing is kept that leads elsewhere: folders, control characters, `..`.
    ///
    /// The last step of what the client sent, by either separator, and 255 characters of it; `None` where nothing is left, or the part is
    /// no file. It is a name to show, not one to save under.
    #[must_use]
    pub fn file_name(&self) -> Option<String> {
        file_name(self.field.file_name()?)
    }

    /// The media type that the client says it is of. It is the client's word only.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.field.content_type()
    }

    /// The next bytes as they arrive, `None` at the end.
    ///
    /// # Errors
    ///
    /// 422 about this part where it is larger than it may be, and those of [`Multipart`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ApiError> {
        let Some(chunk) = self.field.chunk().await.map_err(broken)? else { return Ok(None) };
        self.read = self.read.saturating_add(chunk.len());
        if self.read > self.max {
            let (es, en) = (format!("debe tener a lo más {} bytes", self.max), format!("must have at most {} bytes", self.max));
            return Err(refuse(&self.name, &es, &en));
        }
        Ok(Some(chunk))
    }

    /// All of it.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Self::chunk).
    pub async fn bytes(mut self) -> Result<Bytes, ApiError> {
        self.rest().await
    }

    /// All of it as text, which must be UTF-8.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Self::chunk), and 422 about this part where it is no text.
    pub async fn text(mut self) -> Result<String, ApiError> {
        let bytes = self.rest().await?;
        String::from_utf8(bytes.into())
            .map_err(|_| refuse(&self.name, "contiene caracteres no válidos", "holds invalid characters"))
    }

    async fn rest(&mut self) -> Result<Bytes, ApiError> {
        let mut all = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }
}

/// What a failure of the parser is to the client, who reads none of its words.
fn broken(error: MultipartError) -> ApiError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::http(ErrorStatus::PAYLOAD_TOO_LARGE).into(),
        StatusCode::BAD_REQUEST => refuse(BODY, "formulario multipart mal formado", "malformed multipart form"),
        _ => Failure::http(ErrorStatus::BAD_REQUEST).with_cause(error).into(),
    }
}

fn refuse(name: &str, es: &str, en: &str) -> ApiError {
    Failure::validation(vec![FieldError::new(name.to_owned(), es, en)]).into()
}

/// Whether a client may be told of a part by this name.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_NAME && !name.contains(char::is_control)
}

fn file_name(given: &str) -> Option<String> {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(MAX_FILE_NAME).collect();
    let name = name.trim();
    (!matches!(name, "" | "." | "..")).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_leads_nowhere() {
        for (given, kept) in [
            ("informe.pdf", Some("informe.pdf")),
            ("../../etc/passwd", Some("passwd")),
            ("C:\\temp\\año.txt", Some("año.txt")),
            ("a\0\r\nb", Some("ab")),
            ("..", None),
            ("carpeta/", None),
            (" ", None),
        ] {
            assert_eq!(file_name(given).as_deref(), kept, "{given:?}");
        }
    }
}
