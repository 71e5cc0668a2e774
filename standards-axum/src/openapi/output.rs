//! What a handler's success says of its answer.

use axum::response::sse::Sse;
use utoipa::ToSchema;
use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};

use super::schemas::{Schemas, null};
use crate::answer::media::Media;
use crate::answer::{Download, NoContent, Reply};

/// What a handler answers with where all goes well, as the document shows it.
///
/// [`Reply`] is the envelope with the status of its type, [`NoContent`] a 204, [`Download`] and axum's `Sse` a body of their own media
/// type. A team's own answer says for itself what it is:
///
/// ```
/// use axum::response::{IntoResponse, Response};
/// use standards_axum::ApiError;
/// use standards_axum::openapi::{ApiRouter, Operation, OperationOutput, OperationOutputs};
///
/// struct Icono;
///
/// impl IntoResponse for Icono {
///     fn into_response(self) -> Response {
///         ([("content-type", "image/svg+xml")], "<svg/>").into_response()
///     }
/// }
///
/// impl OperationOutput for Icono {
///     fn describe(outputs: &mut OperationOutputs<'_>) {
///         outputs.media("image/svg+xml");
///     }
/// }
///
/// let api: ApiRouter = ApiRouter::new().operation(Operation::get("/icono", "icono"), async || Ok::<_, ApiError>(Icono));
/// let document = serde_json::to_value(api.into_parts().1).unwrap();
/// assert!(document["paths"]["/icono"]["get"]["responses"]["200"]["content"]["image/svg+xml"].is_object());
/// ```
///
/// | answer | status | body |
/// |---|---|---|
/// | [`Reply<T, STATUS>`](Reply) | `STATUS`, 200 unless the type says otherwise | the envelope, `data` a `T` |
/// | [`NoContent`] | 204 | none |
/// | [`Download<M>`](Download) | 200 | `M::NAME` |
/// | `Sse<S>` of axum | 200 | `text/event-stream` |
///
/// What can go wrong is not said here: that is the [`Operation`](super::Operation)'s list of errors, and what the arguments add to it.
///
/// # Example: what a status comes from
///
/// ```
/// use standards_axum::openapi::{ApiRouter, Operation};
/// use standards_axum::{ApiError, ApiResult, NoContent, Reply};
///
/// async fn crear() -> ApiResult<i64, 201> {
///     Ok(Reply::new(7).with_status().with_location("pagos/7"))
/// }
///
/// async fn anular() -> Result<NoContent, ApiError> {
///     Ok(NoContent)
/// }
///
/// let api: ApiRouter = ApiRouter::new()
///     .operation(Operation::post("/pagos", "crear_pago"), crear)
///     .operation(Operation::delete("/pagos/ultimo", "anular_ultimo"), anular);
/// let paths = &serde_json::to_value(api.into_parts().1).unwrap()["paths"];
/// assert!(paths["/pagos"]["post"]["responses"]["201"]["content"]["application/json"].is_object());
/// assert!(paths["/pagos/ultimo"]["delete"]["responses"]["204"]["content"].is_null());
/// ```
///
/// # Example: a file
///
/// ```
/// use standards_axum::media::Csv;
/// use standards_axum::openapi::{ApiRouter, Operation};
/// use standards_axum::{ApiError, Download};
///
/// let exportar = async || Ok::<_, ApiError>(Download::<Csv>::new("id,monto\n"));
/// let (_, document) = ApiRouter::<()>::new().operation(Operation::get("/pagos.csv", "exportar"), exportar).into_parts();
/// let content = &serde_json::to_value(document).unwrap()["paths"]["/pagos.csv"]["get"]["responses"]["200"]["content"];
/// assert_eq!(content["text/csv"]["schema"]["type"], "string");
/// ```
#[diagnostic::on_unimplemented(
    message = "the API's document does not know what an answer of `{Self}` is",
    note = "the success of an operation is `Reply<T>` with `T: ToSchema + Serialize`, `NoContent`, `Download<M>` or `Sse<S>`",
    note = "implement `standards_axum::openapi::OperationOutput` for an answer of one's own"
)]
pub trait OperationOutput {
    /// Says what the answer is: one of the methods of `outputs`, called once.
    ///
    /// Of several calls the last one stands. Without any, the document shows status 200 and no body.
    fn describe(outputs: &mut OperationOutputs<'_>);
}

/// What an operation answers, while its success is asked; an [`OperationOutput`] says it.
///
/// # Example: an envelope under a type of one's own
///
/// ```
/// use axum::response::{IntoResponse, Response};
/// use standards_axum::openapi::{ApiRouter, Operation, OperationOutput, OperationOutputs};
/// use standards_axum::{ApiError, Reply};
///
/// /// An answer that a client may keep for a minute.
/// struct Duradero<T>(T);
///
/// impl<T: serde::Serialize> IntoResponse for Duradero<T> {
///     fn into_response(self) -> Response {
///         let kept = http::HeaderValue::from_static("max-age=60");
///         Reply::new(self.0).with_header(http::header::CACHE_CONTROL, kept).into_response()
///     }
/// }
///
/// impl<T: utoipa::ToSchema> OperationOutput for Duradero<T> {
///     fn describe(outputs: &mut OperationOutputs<'_>) {
///         outputs.envelope::<T>(200);
///     }
/// }
///
/// let tarifa = async || Ok::<_, ApiError>(Duradero(990_i64));
/// let (_, document) = ApiRouter::<()>::new().operation(Operation::get("/tarifa", "obtener_tarifa"), tarifa).into_parts();
/// let document = serde_json::to_value(document).unwrap();
/// let envelope = &document["paths"]["/tarifa"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
/// assert_eq!(envelope, "#/components/schemas/ApiResponse_Int64");
/// ```
pub struct OperationOutputs<'s> {
    pub(super) success: Success,
    pub(super) schema: RefOr<Schema>,
    schemas: &'s mut Schemas,
}

/// The status of a success, and what its body is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Success {
    pub(super) status: u16,
    pub(super) body: SuccessBody,
}

/// What stands in the body of a success.
#[derive(Clone, Copy, Debug)]
pub(super) enum SuccessBody {
    /// The envelope around the schema.
    Envelope,
    /// The schema itself, in this media type.
    Media(&'static str),
    Nothing,
}

impl<'s> OperationOutputs<'s> {
    pub(super) fn new(schemas: &'s mut Schemas) -> Self {
        Self { success: Success { status: 200, body: SuccessBody::Nothing }, schema: null().into(), schemas }
    }

    /// The envelope with data of this type.
    ///
    /// `{success, data, errors}` with `T` as `data`, kept under the name `ApiResponse_` and that of `T`. `()` is `"data": null`. The status
    /// is one of success whose body is its own: 200 to 203 (RFC 9110, section 15.3).
    pub fn envelope<T: ToSchema>(&mut self, status: u16) {
        self.success = Success { status, body: SuccessBody::Envelope };
        self.schema = self.schemas.add::<T>();
    }

    /// Status 200 and a body of this media type, the parameters of which are not shown.
    ///
    /// A text, where the type says that it is one (`text/..`, `..json`, `..+xml`), and else bytes (`format: binary`).
    pub fn media(&mut self, media_type: &'static str) {
        let essence = media_type.split(';').next().unwrap_or(media_type).trim_end();
        self.success = Success { status: 200, body: SuccessBody::Media(essence) };
        let text = ObjectBuilder::new().schema_type(Type::String);
        let is_text = essence.starts_with("text/") || essence.ends_with("json") || essence.ends_with("+xml");
        let format = (!is_text).then_some(SchemaFormat::KnownFormat(KnownFormat::Binary));
        self.schema = Schema::from(text.format(format).build()).into();
    }

    /// This status and no body.
    ///
    /// 204, or 205, or a status whose body no client reads.
    pub fn nothing(&mut self, status: u16) {
        self.success = Success { status, body: SuccessBody::Nothing };
    }
}

impl<T: ToSchema, const STATUS: u16> OperationOutput for Reply<T, STATUS> {
    fn describe(outputs: &mut OperationOutputs<'_>) {
        outputs.envelope::<T>(STATUS);
    }
}

impl OperationOutput for NoContent {
    fn describe(outputs: &mut OperationOutputs<'_>) {
        outputs.nothing(204);
    }
}

impl<M: Media> OperationOutput for Download<M> {
    fn describe(outputs: &mut OperationOutputs<'_>) {
        outputs.media(M::NAME);
    }
}

impl<S> OperationOutput for Sse<S> {
    fn describe(outputs: &mut OperationOutputs<'_>) {
        outputs.media("text/event-stream");
    }
}
