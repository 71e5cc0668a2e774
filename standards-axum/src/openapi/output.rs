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
#[diagnostic::on_unimplemented(
    message = "the API's document does not know what an answer of `{Self}` is",
    note = "the success of an operation is `Reply<T>` with `T: ToSchema + Serialize`, `NoContent`, `Download<M>` or `Sse<S>`",
    note = "implement `standards_axum::openapi::OperationOutput` for an answer of one's own"
)]
pub trait OperationOutput {
    /// Says what the answer is: one of the methods of `outputs`, called once.
    fn describe(outputs: &mut OperationOutputs<'_>);
}

/// What an operation answers, while its success is asked; an [`OperationOutput`] says it.
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
    pub fn envelope<T: ToSchema>(&mut self, status: u16) {
        self.success = Success { status, body: SuccessBody::Envelope };
        self.schema = self.schemas.add::<T>();
    }

    /// Status 200 and a body of this media type, the parameters of which are not shown.
    pub fn media(&mut self, media_type: &'static str) {
        let essence = media_type.split(';').next().unwrap_or(media_type).trim_end();
        self.success = Success { status: 200, body: SuccessBody::Media(essence) };
        let text = ObjectBuilder::new().schema_type(Type::String);
        let is_text = essence.starts_with("text/") || essence.ends_with("json") || essence.ends_with("+xml");
        let format = (!is_text).then_some(SchemaFormat::KnownFormat(KnownFormat::Binary));
        self.schema = Schema::from(text.format(format).build()).into();
    }

    /// This status and no body.
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
