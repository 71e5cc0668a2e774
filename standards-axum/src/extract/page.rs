//! Which part of a list is asked for, and where its next part is.

use std::convert::Infallible;
use std::fmt::Write as _;

use axum::extract::FromRequestParts;
use garde::Validate;
use http::header::LINK;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Uri};
use serde::de::value::Error as Marked;
use serde::{Deserialize, Deserializer};
use standards_core::{FixedDecimal, FixedDecimalError, validation};

use crate::answer::Reply;

/// The part of a list that a query asks for: `skip` rows are passed over, `limit` returned at most, all of them behind `after_id`.
///
/// Its limits are parameters: the `limit` of who does not say, the largest `limit`, the largest `skip`. `after_id` is the way to read a list
/// that grows, and costs the same on every page; `skip` is bounded because its cost is not.
///
/// It stands beside the other parameters as a second `Query`, or within their struct as a part with rules, so that all bad parameters are told
/// in one answer:
///
/// ```
/// use garde::Validate;
/// use serde::Deserialize;
/// use standards_axum::extract::{Page, PageLinks, Query};
/// use standards_axum::ApiResult;
///
/// #[derive(Deserialize, Validate)]
/// struct Filtro {
///     #[garde(range(min = 1))]
///     cliente_id: Option<i64>,
///     #[serde(flatten)]
///     #[garde(dive)]
///     pagina: Page<20, 200>,
/// }
///
/// async fn listar(links: PageLinks, Query(filtro): Query<Filtro>) -> ApiResult<Vec<i64>> {
///     let (after, rows) = (filtro.pagina.after_id().unwrap_or(0), filtro.pagina.limit());
///     let ids = (after + 1..=after + rows).collect();
///     Ok(links.by_id(filtro.pagina, ids, |id| *id))
/// }
/// ```
///
/// # Example: flattened, in a document
///
/// `#[derive(IntoParams)]` knows no `flatten`. It shows the part as one parameter that is an object; with `#[param(inline)]`, which shows what
/// that has in it, the document states each by itself. As a derive of utoipa's reads no numbers in brackets, the type has a name.
///
#[cfg_attr(feature = "openapi", doc = "```")]
#[cfg_attr(not(feature = "openapi"), doc = "```ignore")]
/// use garde::Validate;
/// use serde::Deserialize;
/// use standards_axum::extract::{Page, PageLinks, Query};
/// use standards_axum::openapi::{ApiRouter, Operation};
/// use standards_axum::ApiResult;
/// use utoipa::IntoParams;
///
/// type Pagina = Page<20, 200>;
///
/// #[derive(Deserialize, Validate, IntoParams)]
/// struct Filtro {
///     #[garde(range(min = 1))]
///     cliente_id: Option<i64>,
///     #[serde(flatten)]
///     #[garde(dive)]
///     #[param(inline)]
///     pagina: Pagina,
/// }
///
/// let listar = async |links: PageLinks, Query(filtro): Query<Filtro>| {
///     ApiResult::Ok(links.by_id(filtro.pagina, vec![filtro.cliente_id], |id| id.unwrap_or(0)))
/// };
/// let api: ApiRouter = ApiRouter::new().operation(Operation::get("/pagos", "listar"), listar);
/// let document = serde_json::to_value(api.into_parts().1).unwrap();
/// let parameters = document["paths"]["/pagos"]["get"]["parameters"].as_array().unwrap();
/// let names: Vec<_> = parameters.iter().filter_map(|parameter| parameter["name"].as_str()).collect();
/// assert_eq!(names, ["cliente_id", "skip", "limit", "after_id"]);
/// ```
///
/// | parameter | is | unless it is sent |
/// |---|---|---|
/// | `skip` | an integer of 0 to `MAX_SKIP` | 0 |
/// | `limit` | an integer of 1 to `MAX_LIMIT` | `LIMIT` |
/// | `after_id` | an integer of 0 or more | the list from its start |
///
/// The guideline's repositories take `skip` and `limit`, 0 and 100 unless they are told otherwise (section 6, "Repository Pattern"); the
/// bounds and `after_id` are this standard's.
///
/// # Example: a `LIMIT` that lies outside does not compile
///
/// ```compile_fail
/// let page: standards_axum::extract::Page<500, 200> = Default::default();
/// let _ = page.limit();
/// ```
///
/// # Errors
///
/// 422 `VALIDATION_ERROR` about each parameter that is no integer or past its bounds, together with those of the query's other fields:
///
/// ```
/// use axum::body::{Body, to_bytes};
/// use axum::{Router, routing::get};
/// use http::Request;
/// use standards_axum::extract::{Page, Query};
/// use standards_axum::ok;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/pagos", get(async |Query(page): Query<Page<20, 200>>| ok(page.limit())));
/// let answer = app.oneshot(Request::get("/pagos?limit=201&skip=-1").body(Body::empty()).unwrap()).await.unwrap();
/// assert_eq!(answer.status(), 422);
/// let body: serde_json::Value = serde_json::from_slice(&to_bytes(answer.into_body(), 1024).await.unwrap()).unwrap();
/// assert_eq!(body["errors"].as_array().unwrap().len(), 2);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Page<const LIMIT: i64 = 100, const MAX_LIMIT: i64 = 1_000, const MAX_SKIP: i64 = 10_000> {
    #[serde(default)]
    skip: Asked<0, MAX_SKIP>,
    #[serde(default)]
    limit: Asked<1, MAX_LIMIT>,
    #[serde(default)]
    after_id: Asked<0, { i64::MAX }>,
}

impl<const LIMIT: i64, const MAX_LIMIT: i64, const MAX_SKIP: i64> Page<LIMIT, MAX_LIMIT, MAX_SKIP> {
    /// How many rows are passed over; none, unless the query says so.
    #[must_use]
    pub fn skip(&self) -> i64 {
        self.skip.get().unwrap_or(0)
    }

    /// How many rows are returned at most.
    ///
    /// `LIMIT`, unless the query says so; never more than `MAX_LIMIT`.
    #[must_use]
    pub fn limit(&self) -> i64 {
        const { assert!(1 <= LIMIT && LIMIT <= MAX_LIMIT, "the limit of who does not say lies outside the limits") };
        self.limit.get().unwrap_or(LIMIT)
    }

    /// The id behind which the rows are.
    ///
    /// `None` is the start of the list. A row of that id need not be there any more.
    #[must_use]
    pub fn after_id(&self) -> Option<i64> {
        self.after_id.get()
    }
}

/// A number that is refused by a rule and not while it is read: a type refused within a flattened struct has no place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Asked<const MIN: i64, const MAX: i64>(Option<Result<FixedDecimal<0, MIN, MAX>, FixedDecimalError>>);

impl<const MIN: i64, const MAX: i64> Asked<MIN, MAX> {
    fn get(self) -> Option<i64> {
        self.0?.ok().map(FixedDecimal::units)
    }

    fn judge(self, path: impl FnOnce() -> garde::Path, report: &mut garde::Report) {
        if let Some(Err(error)) = self.0 {
            let [es, en] = error.reason();
            report.append(path(), garde::Error::new(validation::reject_with::<Marked>(es, en)));
        }
    }
}

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Asked<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        FixedDecimal::try_deserialize(deserializer).map(Some).map(Self)
    }
}

impl<const LIMIT: i64, const MAX_LIMIT: i64, const MAX_SKIP: i64> Validate for Page<LIMIT, MAX_LIMIT, MAX_SKIP> {
    type Context = ();

    fn validate_into(&self, (): &(), parent: &mut dyn FnMut() -> garde::Path, report: &mut garde::Report) {
        self.skip.judge(|| parent().join("skip"), report);
        self.limit.judge(|| parent().join("limit"), report);
        self.after_id.judge(|| parent().join("after_id"), report);
    }
}

#[cfg(feature = "openapi")]
mod document {
    use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
    use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
    use utoipa::openapi::{RefOr, Schema};
    use utoipa::{IntoParams, PartialSchema, ToSchema};

    use super::Page;

    /// Name, meaning and schema of each.
    type Described = [(&'static str, &'static str, ObjectBuilder); 3];

    impl<const LIMIT: i64, const MAX_LIMIT: i64, const MAX_SKIP: i64> Page<LIMIT, MAX_LIMIT, MAX_SKIP> {
        fn described() -> Described {
            let integer =
                || ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
            let skip = integer().minimum(Some(0)).maximum(Some(MAX_SKIP)).default(Some(0.into()));
            let limit = integer().minimum(Some(1)).maximum(Some(MAX_LIMIT)).default(Some(LIMIT.into()));
            let after_id = integer().minimum(Some(0));
            [
                ("skip", "How many to pass over.", skip),
                ("limit", "How many at most.", limit),
                ("after_id", "Only those with a larger id: the way to read a list that grows.", after_id),
            ]
        }
    }

    impl<const LIMIT: i64, const MAX_LIMIT: i64, const MAX_SKIP: i64> IntoParams for Page<LIMIT, MAX_LIMIT, MAX_SKIP> {
        fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
            let parameter = |(name, meaning, schema): (&str, &str, ObjectBuilder)| {
                let parameter = ParameterBuilder::new().name(name).parameter_in(parameter_in().unwrap_or(ParameterIn::Query));
                parameter.description(Some(meaning)).schema(Some(schema)).build()
            };
            Self::described().map(parameter).into()
        }
    }

    /// An object of the three, for a struct that it is flattened in: `#[param(inline)]`.
    impl<const LIMIT: i64, const MAX_LIMIT: i64, const MAX_SKIP: i64> PartialSchema for Page<LIMIT, MAX_LIMIT, MAX_SKIP> {
        fn schema() -> RefOr<Schema> {
            let object = ObjectBuilder::new().schema_type(Type::Object);
            let all = Self::described().into_iter();
            all.fold(object, |object, (name, meaning, schema)| object.property(name, schema.description(Some(meaning)))).into()
        }
    }

    impl<const LIMIT: i64, const MAX_LIMIT: i64, const MAX_SKIP: i64> ToSchema for Page<LIMIT, MAX_LIMIT, MAX_SKIP> {}
}

/// The other parts of a list, as a `Link` header (RFC 8288) with `next`, `prev` and `first`: a client follows them and reckons nothing.
///
/// They are relative to the request's own address, which stays right behind a proxy that strips a prefix; the query's other parameters are kept.
/// A query of more than 2 KiB gets none.
///
/// [`by_id`](Self::by_id) is for a list that is ordered by its id: each page costs the same, and nothing is shown twice while rows come and go.
/// [`by_skip`](Self::by_skip) is for every other order, and pays for each row that it passes over.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use http::Request;
/// use standards_axum::extract::{Page, PageLinks, Query};
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let listar = async |links: PageLinks, Query(page): Query<Page>| {
///     let rows = (1..=250_i64).filter(|id| *id > page.after_id().unwrap_or(0)).take(100).collect();
///     standards_axum::ApiResult::Ok(links.by_id(page, rows, |id| *id))
/// };
/// let app: Router = Router::new().route("/pagos", get(listar));
/// let links = async |uri| app.clone().oneshot(Request::get(uri).body(Body::empty()).unwrap()).await.unwrap().headers().get("link").cloned();
/// assert_eq!(links("/pagos?orden=id").await.unwrap(), r#"<?orden=id&limit=100&after_id=100>; rel="next""#);
/// assert_eq!(links("/pagos?after_id=200").await.unwrap(), r#"<?limit=100>; rel="first""#);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PageLinks {
    uri: Uri,
    total: Option<i64>,
}

/// How many rows a list has on all its pages, where [`PageLinks::with_total`] says it.
pub const X_TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

const MAX_QUERY: usize = 2 * 1024;

impl PageLinks {
    /// Tells how many rows the list has on all its pages, as `select count(*)` gives it: the header `X-Total-Count`.
    ///
    /// The answer's data stays the rows. It is not told by itself, for a count reads the whole list; where it is, the
    /// last page [by skip](Self::by_skip) has no `next` even if it is full.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::{Router, routing::get};
    /// use http::Request;
    /// use standards_axum::ApiResult;
    /// use standards_axum::extract::{Page, PageLinks, Query};
    /// use tower::ServiceExt;
    ///
    /// async fn listar(links: PageLinks, Query(page): Query<Page<2>>) -> ApiResult<Vec<&'static str>> {
    ///     Ok(links.with_total(4).by_skip(page, vec!["c", "d"]))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let app: Router = Router::new().route("/letras", get(listar));
    /// let answer = app.oneshot(Request::get("/letras?skip=2").body(Body::empty()).unwrap()).await.unwrap();
    /// assert_eq!(answer.headers()["x-total-count"], "4");
    /// assert_eq!(answer.headers()["link"], r#"<?limit=2&skip=0>; rel="prev""#);
    /// # }
    /// ```
    #[must_use]
    pub fn with_total(self, total: i64) -> Self {
        Self { total: Some(total), ..self }
    }

    /// An answer with a page of a list that is ordered by id: the next one is behind its last row, if it is full.
    ///
    /// `rows` are the page's, ascending by `id`, and at most [`limit`](Page::limit) of them; a last page that is full by chance has a
    /// `next` that leads to an empty one. There is no `prev`: whoever goes back has seen the page.
    #[must_use]
    pub fn by_id<T, const LIMIT: i64, const MAX_LIMIT: i64, const MAX_SKIP: i64>(
        &self,
        page: Page<LIMIT, MAX_LIMIT, MAX_SKIP>,
        rows: Vec<T>,
        id: impl FnOnce(&T) -> i64,
    ) -> Reply<Vec<T>> {
        let next = rows.last().filter(|_| is_full(&rows, page.limit())).map(|last| ("next", "after_id", id(last)));
        let first = (page.skip() > 0 || page.after_id().is_some()).then_some(("first", "", 0));
        self.answer(rows, page.limit(), [next, first])
    }

    /// An answer with a page of a list in another order: the next one begins `limit` rows later, if this one is full and that is not too far.
    ///
    /// A list that changes meanwhile shows a row twice or not at all; [`by_id`](Self::by_id) does not have that.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::{Router, routing::get};
    /// use http::Request;
    /// use standards_axum::ApiResult;
    /// use standards_axum::extract::{Page, PageLinks, Query};
    /// use tower::ServiceExt;
    ///
    /// async fn por_monto(links: PageLinks, Query(page): Query<Page<2>>) -> ApiResult<Vec<i64>> {
    ///     let montos = [900, 700, 500, 300, 100].into_iter();
    ///     let rows = montos.skip(page.skip().try_into().unwrap_or(0)).take(page.limit().try_into().unwrap_or(0)).collect();
    ///     Ok(links.by_skip(page, rows))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let app: Router = Router::new().route("/montos", get(por_monto));
    /// let answer = app.oneshot(Request::get("/montos?skip=2").body(Body::empty()).unwrap()).await.unwrap();
    /// assert_eq!(answer.headers()["link"], r#"<?limit=2&skip=4>; rel="next", <?limit=2&skip=0>; rel="prev""#);
    /// # }
    /// ```
    #[must_use]
    pub fn by_skip<T, const LIMIT: i64, const MAX_LIMIT: i64, const MAX_SKIP: i64>(
        &self,
        page: Page<LIMIT, MAX_LIMIT, MAX_SKIP>,
        rows: Vec<T>,
    ) -> Reply<Vec<T>> {
        let (skip, limit) = (page.skip(), page.limit());
        let is_there = |next: i64| next <= MAX_SKIP && self.total.is_none_or(|total| next < total);
        let next = Some(skip.saturating_add(limit)).filter(|next| is_full(&rows, limit) && is_there(*next));
        let prev = (skip > 0).then(|| (skip - limit).max(0));
        self.answer(rows, limit, [next.map(|skip| ("next", "skip", skip)), prev.map(|skip| ("prev", "skip", skip))])
    }

    fn answer<T>(&self, rows: Vec<T>, limit: i64, links: [Option<Link>; 2]) -> Reply<Vec<T>> {
        let reply = match self.total {
            Some(total) => Reply::new(rows).with_header(X_TOTAL_COUNT, total.into()),
            None => Reply::new(rows),
        };
        let query = self.uri.query().unwrap_or_default();
        let links: Vec<_> = links.into_iter().flatten().map(|link| write(query, limit, link)).collect();
        match HeaderValue::try_from(links.join(", ")) {
            Ok(links) if !links.is_empty() && query.len() <= MAX_QUERY => reply.with_header(LINK, links),
            _ => reply,
        }
    }
}

/// A relation, and the parameter that says where it is.
type Link = (&'static str, &'static str, i64);

fn is_full<T>(rows: &[T], limit: i64) -> bool {
    !rows.is_empty() && i64::try_from(rows.len()).is_ok_and(|rows| rows >= limit)
}

/// The query with another place in the list.
fn write(query: &str, limit: i64, (relation, place, value): Link) -> String {
    let mut link = String::from("<?");
    for pair in query.split('&').filter(|pair| !pair.is_empty() && !says_where(pair)) {
        let _ = write!(link, "{pair}&");
    }
    let _ = write!(link, "limit={limit}");
    if !place.is_empty() {
        let _ = write!(link, "&{place}={value}");
    }
    link + ">; rel=\"" + relation + "\""
}

fn says_where(pair: &str) -> bool {
    let name = pair.split_once('=').map_or(pair, |(name, _)| name);
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    ["skip", "limit", "after_id"].contains(&&*name)
}

impl<S: Sync> FromRequestParts<S> for PageLinks {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self { uri: parts.uri.clone(), total: None })
    }
}
