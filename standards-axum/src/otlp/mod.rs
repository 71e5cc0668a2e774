//! Where spans go: to a collector, by OTLP over HTTP.
//!
//! The walk: `batch` gathers the spans that have ended, `export` sends them on by one attempt after the other, `health` tells the log when spans begin
//! to be lost and when they no longer are.

mod batch;
mod export;
mod health;

use std::io;

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use standards_core::context::{self, process_id};

use self::export::Exporter;
use crate::client::Exchange;
use crate::otel::{Sampling, Tracing};
use crate::{ServiceInfo, StandardSettings};

impl Tracing {
    /// The spans of this service, exported as its settings say; `None` where they name no collector (`OTEL_EXPORTER_OTLP_ENDPOINT`).
    ///
    /// The resource that they are of is `SERVICE_NAME`, `SERVICE_VERSION` and `APP_ENV` (`service.name`, `service.version`,
    /// `deployment.environment.name`), the process's id (`service.instance.id`), and what `OTEL_RESOURCE_ATTRIBUTES` adds.
    ///
    /// # Errors
    ///
    /// When the machine's certificates cannot be read, for a collector behind `https`.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn open(info: ServiceInfo, settings: &StandardSettings) -> io::Result<Option<Self>> {
        let Some(endpoint) = &settings.otel_endpoint else { return Ok(None) };
        let exchange = Exchange::to("otlp", endpoint)?.with_longest(export::LONGEST_ANSWER);
        let (tracing, queue) = Self::new(Sampling::new(settings.otel_sampler, settings.otel_sampler_arg));
        let headers = settings.otel_headers.as_ref().map(|headers| headers.as_map().clone()).unwrap_or_default();
        let uri = endpoint.join("/v1/traces").parse().map_err(io::Error::other)?;
        let exporter = Exporter::new(queue, exchange, uri, headers, &resource(info, settings));
        tracing.exported_by(context::spawn_worker(exporter.run()));
        Ok(Some(tracing))
    }
}

/// Whose spans they are.
fn resource(info: ServiceInfo, settings: &StandardSettings) -> Resource {
    let named = |setting: &Option<String>, own: &str| setting.as_deref().unwrap_or(own).to_owned();
    Resource::builder()
        .with_service_name(named(&settings.service_name, info.name))
        .with_attributes([
            KeyValue::new("service.version", named(&settings.service_version, info.version)),
            KeyValue::new("service.instance.id", process_id().to_string()),
            KeyValue::new("deployment.environment.name", settings.app_env.as_str()),
        ])
        .build()
}
