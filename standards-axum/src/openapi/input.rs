//! What a handler's arguments say of the requests that it takes.

use axum::Extension;
use axum::extract::{ConnectInfo, MatchedPath, RawQuery, State};
use garde::Validate;
use http::{HeaderMap, Method, Uri, Version};
use serde::de::DeserializeOwned;
use standards_core::ErrorStatus;
use standards_core::catalogue::{VALIDATION_ERROR, http_error};
use standards_core::idempotency::IdempotencyError;
use standards_core::{DomainError, ErrorEntry};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, Header, ObjectBuilder, RefOr, Required, Schema};
use utoipa::{IntoParams, ToSchema};

use super::rules::{About, Question};
use super::schemas::{Schemas, text_schema};
use crate::extract::{
    Answer, ClientAddress, Form, Forwarded, IDEMPOTENCY_KEY_NAME, IdempotencyKey, Json, PageLinks, Path, PathParams, PathValues,
    Query, ask_body, ask_parameters,
};

/// An argument of a handler, as the document shows it.
///
/// [`Json`], [`Form`] and `Multipart` are the request body, [`Path`], [`PathParams`] and [`Query`] are parameters; what the client does not send
/// (`State`, `Extension`) shows nothing. A team's own extractor says for itself what it takes and how it refuses:
///
/// ```
/// use standards_axum::openapi::{OperationInput, OperationInputs};
/// use standards_core::ErrorEntry;
/// use standards_core::Text;
/// use standards_core::ErrorStatus;
/// use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
///
/// struct Sucursal(String); // read from the header X-Sucursal
///
/// const DESCONOCIDA: ErrorEntry =
///     ErrorEntry::new("SUCURSAL_DESCONOCIDA", ErrorStatus::BAD_REQUEST, Text::new("Sucursal desconocida", "Unknown branch"), "");
///
/// impl OperationInput for Sucursal {
///     fn describe(inputs: &mut OperationInputs<'_>) {
///         inputs.parameter(ParameterBuilder::new().name("X-Sucursal").parameter_in(ParameterIn::Header).build());
///         inputs.error(DESCONOCIDA);
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "the API's document does not know what `{Self}` takes from a request",
    note = "`Json`, `Form`, `Multipart`, `Path` and `Query` are those of `standards_axum::extract`, not axum's",
    note = "implement `standards_axum::openapi::OperationInput` for an extractor of one's own; an empty `describe` shows nothing"
)]
pub trait OperationInput {
    /// Adds what a request must or may hold.
    ///
    /// It is asked once, when the operation is added, and sees nothing of a request.
    fn describe(inputs: &mut OperationInputs<'_>);
}

/// What an operation takes, while its arguments are asked; an [`OperationInput`] adds to it.
///
/// ```
/// use axum::extract::FromRequestParts;
/// use http::request::Parts;
/// use standards_axum::core::catalogue::http_error;
/// use standards_axum::core::{ErrorStatus, Failure};
/// use standards_axum::openapi::{ApiRouter, Operation, OperationInput, OperationInputs};
/// use standards_axum::{ApiError, ok};
/// use utoipa::openapi::security::SecurityRequirement;
///
/// /// Whoever sends a token.
/// struct Usuario(String);
///
/// impl<S: Sync> FromRequestParts<S> for Usuario {
///     type Rejection = ApiError;
///
///     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
///         let token = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
///         Ok(Self(token.ok_or_else(|| Failure::http(ErrorStatus::UNAUTHORIZED))?.to_owned()))
///     }
/// }
///
/// impl OperationInput for Usuario {
///     fn describe(inputs: &mut OperationInputs<'_>) {
///         inputs.security(SecurityRequirement::new::<_, [&str; 0], &str>("token", []));
///         inputs.error(http_error(ErrorStatus::UNAUTHORIZED));
///     }
/// }
///
/// let (_, document) = ApiRouter::<()>::new()
///     .operation(Operation::get("/yo", "quien_soy"), async |Usuario(token): Usuario| ok(token))
///     .into_parts();
/// let operation = &serde_json::to_value(document).unwrap()["paths"]["/yo"]["get"];
/// assert_eq!(operation["security"][0]["token"], serde_json::json!([]));
/// assert!(operation["responses"]["401"].is_object());
/// ```
pub struct OperationInputs<'s> {
    pub(super) body: Option<RequestBody>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) entries: Vec<ErrorEntry>,
    pub(super) security: Vec<SecurityRequirement>,
    pub(super) questions: Vec<Question>,
    pub(super) headers: Vec<(String, Header)>,
    schemas: &'s mut Schemas,
}

impl<'s> OperationInputs<'s> {
    pub(super) const fn new(schemas: &'s mut Schemas) -> Self {
        Self {
            body: None,
            parameters: Vec::new(),
            entries: Vec::new(),
            security: Vec::new(),
            questions: Vec::new(),
            headers: Vec::new(),
            schemas,
        }
    }

    /// A JSON body of this type, required, with the errors that reading one can end in.
    ///
    /// The document states of it what its schema does. An extractor that reads a [`Json`] describes itself as one
    /// (`Json::<T>::describe(inputs)`): then `T`'s rules are stated too.
    ///
    /// Those are 422 `VALIDATION_ERROR`, 400, 408, 413 and 415. A second body takes the place of the first: a request has one.
    pub fn json_body<T: ToSchema>(&mut self) {
        self.body::<T>("application/json", Required::True);
    }

    /// A body of this type as a form sends it, required, with the same errors.
    ///
    /// Of `application/x-www-form-urlencoded`; every value of it is sent as a text.
    pub fn form_body<T: ToSchema>(&mut self) {
        self.body::<T>("application/x-www-form-urlencoded", Required::True);
    }

    fn body<T: ToSchema>(&mut self, content_type: &str, required: Required) {
        let schema = self.schemas.add::<T>();
        self.body_of(schema, content_type, required);
    }

    fn body_of(&mut self, schema: RefOr<Schema>, content_type: &str, required: Required) {
        let content = ContentBuilder::new().schema(Some(schema)).build();
        self.body = Some(RequestBodyBuilder::new().content(content_type, content).required(Some(required)).build());
        self.entries.push(VALIDATION_ERROR);
        for status in [
            ErrorStatus::BAD_REQUEST,
            ErrorStatus::REQUEST_TIMEOUT,
            ErrorStatus::PAYLOAD_TOO_LARGE,
            ErrorStatus::UNSUPPORTED_MEDIA_TYPE,
        ] {
            self.error(http_error(status));
        }
    }

    /// Parameters of the path or the query, which are refused as a body is.
    ///
    /// `T` says the names and schemas by its `IntoParams`; a parameter of the path is always required. Its rules are not asked for bounds,
    /// unlike those of a [`Query`] or a [`PathParams`], of which an extractor of one's own can describe itself as one.
    ///
    /// ```
    /// use standards_axum::openapi::{ApiRouter, Operation, OperationInput, OperationInputs};
    /// use standards_axum::ok;
    /// use utoipa::IntoParams;
    /// use utoipa::openapi::path::ParameterIn;
    ///
    /// #[derive(IntoParams)]
    /// #[expect(dead_code, reason = "it is only described")]
    /// struct Rango {
    ///     desde: i64,
    ///     hasta: Option<i64>,
    /// }
    ///
    /// impl OperationInput for Rango {
    ///     fn describe(inputs: &mut OperationInputs<'_>) {
    ///         inputs.parameters::<Rango>(&ParameterIn::Query);
    ///     }
    /// }
    /// # impl<S: Sync> axum::extract::FromRequestParts<S> for Rango {
    /// #     type Rejection = standards_axum::ApiError;
    /// #     async fn from_request_parts(_: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
    /// #         Ok(Self { desde: 0, hasta: None })
    /// #     }
    /// # }
    ///
    /// let api: ApiRouter = ApiRouter::new().operation(Operation::get("/pagos", "listar"), async |_: Rango| ok(()));
    /// let parameters = &serde_json::to_value(api.into_parts().1).unwrap()["paths"]["/pagos"]["get"]["parameters"];
    /// assert_eq!((&parameters[0]["required"], &parameters[1]["required"]), (&true.into(), &false.into()));
    /// ```
    pub fn parameters<T: IntoParams>(&mut self, parameter_in: &ParameterIn) {
        for mut parameter in T::into_params(|| Some(parameter_in.clone())) {
            if parameter.parameter_in == ParameterIn::Path {
                parameter.required = Required::True;
            }
            flattened(parameter).into_iter().for_each(|parameter| self.text_parameter(parameter));
        }
        self.entries.push(VALIDATION_ERROR);
    }

    fn text_parameter(&mut self, mut parameter: Parameter) {
        parameter.schema = parameter.schema.map(text_schema);
        self.parameter(parameter);
    }

    /// One parameter: a header, a cookie.
    ///
    /// It is shown as it is: name, place, schema and whether it is required are the caller's.
    pub fn parameter(&mut self, parameter: Parameter) {
        self.parameters.push(parameter);
    }

    /// The rules of what this part of the request is read as are asked for its bounds.
    fn ask(&mut self, about: About, ask: fn(&serde_json::Value) -> Answer) {
        self.questions.push(Question { about, ask });
    }

    /// The parameters of `T`, with the bounds that its rules state.
    fn ruled_parameters<T: IntoParams + DeserializeOwned + Validate<Context = ()>>(&mut self, parameter_in: &ParameterIn) {
        let start = self.parameters.len();
        self.parameters::<T>(parameter_in);
        self.ask(About::Parameters(start..self.parameters.len()), ask_parameters::<T>);
    }

    fn idempotency_key(&mut self, required: Required) {
        let key = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
        let parameter = ParameterBuilder::new()
            .name(IDEMPOTENCY_KEY_NAME)
            .parameter_in(ParameterIn::Header)
            .required(required)
            .description(Some("The same key with the same request is done once; a repetition gets the first answer."))
            .schema(Some(key.pattern(Some("^[!#-+\\--~][!-+\\--~]*$"))))
            .build();
        self.parameter(parameter);
        self.entries.extend(IdempotencyError::ENTRIES);
    }

    /// The extractor can refuse a request with this error.
    ///
    /// It stands with the operation's own errors under its status; one that is there already, by status and code, is not shown twice.
    pub fn error(&mut self, entry: ErrorEntry) {
        self.entries.push(entry);
    }

    /// A success can have this header, which the extractor gives it or lets the handler give.
    ///
    /// ```
    /// use standards_axum::extract::PageLinks;
    /// use standards_axum::ok;
    /// use standards_axum::openapi::{ApiRouter, Operation, OperationInput, OperationInputs};
    /// use utoipa::openapi::header::HeaderBuilder;
    ///
    /// struct Marca;
    ///
    /// impl OperationInput for Marca {
    ///     fn describe(inputs: &mut OperationInputs<'_>) {
    ///         inputs.answer_header("ETag", HeaderBuilder::new().description(Some("Of what was read")).build());
    ///     }
    /// }
    /// # impl<S: Sync> axum::extract::FromRequestParts<S> for Marca {
    /// #     type Rejection = std::convert::Infallible;
    /// #     async fn from_request_parts(_: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
    /// #         Ok(Self)
    /// #     }
    /// # }
    ///
    /// let api: ApiRouter = ApiRouter::new().operation(Operation::get("/pagos", "listar"), async |_: Marca, _: PageLinks| ok(()));
    /// let headers = &serde_json::to_value(api.into_parts().1).unwrap()["paths"]["/pagos"]["get"]["responses"]["200"]["headers"];
    /// assert!(headers["ETag"].is_object() && headers["Link"].is_object());
    /// ```
    pub fn answer_header(&mut self, name: impl Into<String>, header: Header) {
        self.headers.push((name.into(), header));
    }

    /// The extractor asks for these credentials.
    ///
    /// The scheme that it names is declared once, by [`ApiRouter::security_scheme`](super::ApiRouter::security_scheme).
    pub fn security(&mut self, requirement: SecurityRequirement) {
        self.security.push(requirement);
    }

    /// Keeps the schema of a type that a parameter refers to.
    ///
    /// Types that a body or [`parameters`](Self::parameters) name are kept without it; this is for a [`parameter`](Self::parameter) whose
    /// schema is a reference made by hand.
    pub fn schema<T: ToSchema>(&mut self) {
        let _ = self.schemas.add::<T>();
    }
}

/// The parameters of a part that is flattened, which utoipa shows as one that is an object: no parameter holds an object otherwise, as all
/// are texts and lists of them.
fn flattened(parameter: Parameter) -> Vec<Parameter> {
    match parameter.schema {
        Some(RefOr::T(Schema::Object(object))) if !object.properties.is_empty() => {
            let required = object.required;
            let part = |(name, mut schema): (String, RefOr<Schema>)| {
                let required = if required.contains(&name) { Required::True } else { Required::False };
                let description = take_description(&mut schema);
                let part = ParameterBuilder::new().name(name).parameter_in(parameter.parameter_in.clone()).required(required);
                part.description(description).schema(Some(schema)).build()
            };
            object.properties.into_iter().map(part).flat_map(flattened).collect()
        }
        _ => vec![parameter],
    }
}

/// A parameter says itself what it means.
const fn take_description(schema: &mut RefOr<Schema>) -> Option<String> {
    match schema {
        RefOr::T(Schema::Object(object)) => object.description.take(),
        RefOr::T(Schema::Array(array)) => array.description.take(),
        _ => None,
    }
}

/// Whether the parameter is the header of an [`IdempotencyKey`].
pub(super) fn is_idempotency_key(parameter: &Parameter) -> bool {
    parameter.parameter_in == ParameterIn::Header && parameter.name.eq_ignore_ascii_case(IDEMPOTENCY_KEY_NAME)
}

impl<T: ToSchema + DeserializeOwned + Validate<Context = ()>> OperationInput for Json<T> {
    fn describe(inputs: &mut OperationInputs<'_>) {
        inputs.json_body::<T>();
        inputs.ask(About::Body, ask_body::<T>);
    }
}

impl<T: ToSchema + DeserializeOwned + Validate<Context = ()>> OperationInput for Option<Json<T>> {
    fn describe(inputs: &mut OperationInputs<'_>) {
        inputs.body::<T>("application/json", Required::False);
        inputs.ask(About::Body, ask_body::<T>);
    }
}

impl<T: ToSchema + DeserializeOwned + Validate<Context = ()>> OperationInput for Form<T> {
    fn describe(inputs: &mut OperationInputs<'_>) {
        inputs.form_body::<T>();
        inputs.ask(About::Body, ask_parameters::<T>);
    }
}

#[cfg(feature = "multipart")]
impl OperationInput for crate::extract::Multipart {
    /// A form whose parts only the handler knows.
    fn describe(inputs: &mut OperationInputs<'_>) {
        let form = Schema::from(ObjectBuilder::new().schema_type(Type::Object).build());
        inputs.body_of(form.into(), "multipart/form-data", Required::True);
    }
}

impl<T: IntoParams + DeserializeOwned + Validate<Context = ()>> OperationInput for PathParams<T> {
    fn describe(inputs: &mut OperationInputs<'_>) {
        inputs.ruled_parameters::<T>(&ParameterIn::Path);
    }
}

/// The parameters have no names yet; the route gives them (`name_parameters`).
impl<T: PathValues> OperationInput for Path<T> {
    fn describe(inputs: &mut OperationInputs<'_>) {
        for schema in T::schemas() {
            let parameter = ParameterBuilder::new().parameter_in(ParameterIn::Path).required(Required::True);
            inputs.parameter(parameter.schema(Some(schema)).build());
        }
        inputs.entries.push(VALIDATION_ERROR);
    }
}

/// Calls the parameters that have no name as the route does, in its order.
pub(super) fn name_parameters(parameters: &mut [Parameter], path: &str) {
    let mut names = path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.trim_start_matches('*'));
    let unnamed = |parameter: &&mut Parameter| parameter.parameter_in == ParameterIn::Path && parameter.name.is_empty();
    for parameter in parameters.iter_mut().filter(unnamed) {
        parameter.name = names.next().unwrap_or_default().to_owned();
    }
}

impl<T: IntoParams + DeserializeOwned + Validate<Context = ()>> OperationInput for Query<T> {
    fn describe(inputs: &mut OperationInputs<'_>) {
        inputs.ruled_parameters::<T>(&ParameterIn::Query);
    }
}

/// It takes nothing, and gives the answer its links.
impl OperationInput for PageLinks {
    fn describe(inputs: &mut OperationInputs<'_>) {
        let schema = ObjectBuilder::new().schema_type(Type::String).examples(["<?limit=100&after_id=100>; rel=\"next\""]);
        let meaning =
            "The other parts of the list (RFC 8288), relative to this address: `next`, `prev`, `first`, those that there are";
        inputs.answer_header("Link", HeaderBuilder::new().schema(Some(schema)).description(Some(meaning)).build());
    }
}

impl OperationInput for IdempotencyKey {
    fn describe(inputs: &mut OperationInputs<'_>) {
        inputs.idempotency_key(Required::True);
    }
}

impl OperationInput for Option<IdempotencyKey> {
    fn describe(inputs: &mut OperationInputs<'_>) {
        inputs.idempotency_key(Required::False);
    }
}

impl OperationInput for Option<ClientAddress> {
    fn describe(_: &mut OperationInputs<'_>) {}
}

/// Arguments that no client sends, or that say nothing of what it must send.
macro_rules! unseen {
    ($($type:ident $(<$parameter:ident>)?),+ $(,)?) => {
        $(impl$(<$parameter>)? OperationInput for $type$(<$parameter>)? {
            fn describe(_: &mut OperationInputs<'_>) {}
        })+
    };
}

unseen!(ClientAddress, Forwarded, State<T>, Extension<T>, ConnectInfo<T>, HeaderMap, Method, Uri, Version, MatchedPath, RawQuery);
