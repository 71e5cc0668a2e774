//! A handler whose type describes it.

use std::future::Future;

use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::handler::Handler;
use standards_core::context;

use super::input::{OperationInput, OperationInputs};
use super::output::OperationOutput;
use crate::answer::ApiError;

/// An async function of up to eight arguments that returns [`ApiResult`](crate::ApiResult), or another success of which the document
/// knows: a handler that can stand in an [`ApiRouter`](super::ApiRouter).
///
/// It is implemented for all of them. What one lacks the compiler says of the argument, the answer or the future that lacks it.
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
    note = "it is an `async fn` of up to eight arguments that returns `ApiResult<T>` of `standards_axum`",
    note = "errors beside this one name what an argument lacks; where there are none: `State<X>` needs an `ApiRouter<X>`, or a state of which `X` is a part",
    note = "`#[debug_handler]` of `standards_axum` (feature `macros`) above the function checks each argument by itself"
)]
pub trait ApiHandler<T, S>: Handler<T, S> {
    /// What it answers with where all goes well.
    type Output: OperationOutput;

    /// Asks the arguments what they take.
    ///
    /// In their order; what each adds stands beside the others.
    fn describe(inputs: &mut OperationInputs<'_>);
}

// One implementation for all: of several the compiler would only say that none fits, of one it says which of these bounds fails.
impl<H, T, S> ApiHandler<T, S> for H
where
    H: Signature<T>,
    H::Arguments: Arguments<S, State = S>,
    H::Answer: OperationAnswer,
    H::Work: Send,
    // `S` by a detour: axum's bounds are looked at after ours, whose words are then told.
    H: Handler<T, <H::Arguments as Arguments<S>>::State>,
{
    type Output = <H::Answer as OperationAnswer>::Success;

    fn describe(inputs: &mut OperationInputs<'_>) {
        H::Arguments::describe(inputs);
    }
}

/// What an async function takes and returns, whatever that is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler of an API operation",
    note = "it is an `async fn` of up to eight arguments that returns `ApiResult<T>` of `standards_axum`"
)]
pub trait Signature<T> {
    /// Its arguments as a tuple.
    type Arguments;
    /// What it returns.
    type Work: Future<Output = Self::Answer>;
    /// What that ends in.
    type Answer;
}

/// Arguments that a request can give, each in its place.
#[diagnostic::on_unimplemented(message = "`{Self}` are not arguments of an API operation")]
pub trait Arguments<S> {
    /// The router's state.
    type State;

    /// Asks them what they take.
    fn describe(inputs: &mut OperationInputs<'_>);
}

/// An argument that leaves the body to the last one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument before the last one in an `ApiRouter<{S}>`",
    note = "what takes the request's body must be the last argument: `Json`, `Form`, `Multipart`, `Bytes`, `String`, `Request`",
    note = "`State<X>` needs an `ApiRouter<X>`, or a state of which `X` is a part (`FromRef`)",
    note = "an extractor of one's own that needs no body implements `axum::extract::FromRequestParts`"
)]
pub trait NotLast<S> {}

#[diagnostic::do_not_recommend]
impl<A: FromRequestParts<S>, S> NotLast<S> for A {}

/// What a handler returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an answer of an API operation",
    note = "a handler returns `ApiResult<T>` of `standards_axum`, with `T: Serialize + ToSchema`, made by `ok(data)`",
    note = "or `Result<T, ApiError>` with another `T: OperationOutput`: `NoContent`, `Download<M>`, `Sse<S>`"
)]
pub trait OperationAnswer {
    /// What it is where all goes well.
    type Success: OperationOutput;
}

impl<D: OperationOutput> OperationAnswer for Result<D, ApiError> {
    type Success = D;
}

impl<F, Fut> Signature<((),)> for F
where
    F: Fn() -> Fut,
    Fut: Future,
{
    type Arguments = ();
    type Work = Fut;
    type Answer = Fut::Output;
}

impl<S> Arguments<S> for () {
    type State = S;

    fn describe(_: &mut OperationInputs<'_>) {}
}

macro_rules! signatures {
    ($(($($argument:ident,)* / $last:ident);)+) => {
        $(impl<F, Fut, M, $($argument,)* $last> Signature<(M, $($argument,)* $last,)> for F
        where
            F: Fn($($argument,)* $last) -> Fut,
            Fut: Future,
        {
            type Arguments = ($($argument,)* $last,);
            type Work = Fut;
            type Answer = Fut::Output;
        }

        impl<S, $($argument,)* $last> Arguments<S> for ($($argument,)* $last,)
        where
            $($argument: NotLast<S> + OperationInput,)*
            $last: OperationInput,
        {
            type State = S;

            fn describe(inputs: &mut OperationInputs<'_>) {
                $($argument::describe(inputs);)*
                $last::describe(inputs);
            }
        })+
    };
}

signatures! {
    (/ A);
    (A, / B);
    (A, B, / C);
    (A, B, C, / D);
    (A, B, C, D, / E);
    (A, B, C, D, E, / G);
    (A, B, C, D, E, G, / H);
    (A, B, C, D, E, G, H, / I);
}

/// A handler that gives the request its route and its operation's name before anything is extracted from it.
#[derive(Clone, Copy)]
pub(super) struct Named<H> {
    pub(super) handler: H,
    pub(super) name: &'static str,
}

/// Tells the access record of the route that axum has found for the request, and of the operation that stands there.
fn note_operation(request: &Request, name: &'static str) {
    let route = request.extensions().get::<MatchedPath>();
    context::with_current(|context| match (context, route) {
        (Some(context), Some(route)) => context.set_route_of(route.as_str(), name),
        (Some(context), None) => context.set_operation(name),
        (None, _) => {}
    });
}

impl<H: Handler<T, S>, T, S> Handler<T, S> for Named<H> {
    type Future = H::Future;

    fn call(self, request: Request, state: S) -> H::Future {
        note_operation(&request, self.name);
        self.handler.call(request, state)
    }
}
