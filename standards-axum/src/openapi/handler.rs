//! A handler whose type describes it.

use std::future::Future;

use axum::extract::Request;
use axum::handler::Handler;
use standards_core::context;

use super::input::{OperationInput, OperationInputs};
use super::output::OperationOutput;
use crate::answer::ApiError;

/// An async function of up to eight arguments that returns [`ApiResult`](crate::ApiResult), or another success of which the document
/// knows: a handler that can stand in an [`ApiRouter`](super::ApiRouter).
///
/// ```compile_fail
/// use standards_axum::openapi::{ApiRouter, Operation};
///
/// // Text without an envelope is no answer of an operation.
/// let api: ApiRouter = ApiRouter::new().operation(Operation::get("/", "saludar"), async || "hola");
/// ```
///
/// It is implemented for functions and closures, never by hand. What it demands beyond axum's `Handler` is that every argument is an
/// [`OperationInput`] and the success an [`OperationOutput`]; so an extractor that nobody has described does not go unseen.
///
/// # Example: what is read off a function
///
/// ```
/// use axum::extract::State;
/// use garde::Validate;
/// use serde::Deserialize;
/// use standards_axum::extract::{Path, Query};
/// use standards_axum::openapi::{ApiRouter, Operation};
/// use standards_axum::{ApiResult, ok};
/// use utoipa::IntoParams;
///
/// #[derive(Deserialize, IntoParams, Validate)]
/// struct Filtro {
///     #[garde(range(min = 2000))]
///     desde: Option<u16>,
/// }
///
/// async fn contar(State(_): State<String>, Path(sucursal): Path<u32>, Query(_): Query<Filtro>) -> ApiResult<u32> {
///     ok(sucursal)
/// }
///
/// let (_, document) = ApiRouter::<String>::new().operation(Operation::get("/sucursales/{sucursal}/pagos", "contar"), contar).into_parts();
/// let parameters = &serde_json::to_value(document).unwrap()["paths"]["/sucursales/{sucursal}/pagos"]["get"]["parameters"];
/// assert_eq!((&parameters[0]["name"], &parameters[0]["in"]), (&"sucursal".into(), &"path".into()));
/// assert_eq!((&parameters[1]["name"], &parameters[1]["schema"]["minimum"]), (&"desde".into(), &2000.into()));
/// assert_eq!(parameters.as_array().unwrap().len(), 2);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler of an API operation",
    note = "it is an `async fn` of up to eight arguments that returns `ApiResult<T>` of `standards_axum`, with `T: Serialize + ToSchema`",
    note = "or `Result<T, ApiError>` with another `T: OperationOutput`: `NoContent`, `Download`, `Sse`",
    note = "a body is `Json` or `Form` of `standards_axum::extract`, not axum's, of a `T: Deserialize + garde::Validate + ToSchema`; it comes last",
    note = "`PathParams` and `Query` are those of `standards_axum::extract`, of a `T: Deserialize + garde::Validate + IntoParams`; `Path` is of plain values",
    note = "any other argument is an extractor that implements `OperationInput`, as `State` and `Extension` do; axum's `Multipart` does not",
    note = "nothing that is not `Send` (an `Rc`, a guard of `std::sync::Mutex`) is held across an `.await`",
    note = "`#[axum::debug_handler]` above the function (axum's feature `macros`) says which of these it is"
)]
pub trait ApiHandler<T, S>: Handler<T, S> {
    /// What it answers with where all goes well.
    type Output: OperationOutput;

    /// Asks the arguments what they take.
    ///
    /// In their order; what each adds stands beside the others.
    fn describe(inputs: &mut OperationInputs<'_>);
}

macro_rules! api_handlers {
    ($(($($argument:ident),*) => $marker:ty;)+) => {
        $(impl<F, Fut, D, S, M, $($argument),*> ApiHandler<$marker, S> for F
        where
            F: Fn($($argument),*) -> Fut + Handler<$marker, S>,
            Fut: Future<Output = Result<D, ApiError>>,
            D: OperationOutput,
            $($argument: OperationInput,)*
        {
            type Output = D;

            fn describe(inputs: &mut OperationInputs<'_>) {
                $($argument::describe(inputs);)*
                let _ = inputs;
            }
        })+
    };
}

impl<F, Fut, D, S> ApiHandler<((),), S> for F
where
    F: Fn() -> Fut + Handler<((),), S>,
    Fut: Future<Output = Result<D, ApiError>>,
    D: OperationOutput,
{
    type Output = D;

    fn describe(_: &mut OperationInputs<'_>) {}
}

api_handlers! {
    (A) => (M, A,);
    (A, B) => (M, A, B,);
    (A, B, C) => (M, A, B, C,);
    (A, B, C, E) => (M, A, B, C, E,);
    (A, B, C, E, G) => (M, A, B, C, E, G,);
    (A, B, C, E, G, H) => (M, A, B, C, E, G, H,);
    (A, B, C, E, G, H, I) => (M, A, B, C, E, G, H, I,);
    (A, B, C, E, G, H, I, J) => (M, A, B, C, E, G, H, I, J,);
}

/// A handler that gives the request its operation's name before anything is extracted from it.
#[derive(Clone, Copy)]
pub(super) struct Named<H> {
    pub(super) handler: H,
    pub(super) name: &'static str,
}

impl<H: Handler<T, S>, T, S> Handler<T, S> for Named<H> {
    type Future = H::Future;

    fn call(self, request: Request, state: S) -> H::Future {
        context::with_current(|context| context.map(|context| context.set_operation(self.name)));
        self.handler.call(request, state)
    }
}
