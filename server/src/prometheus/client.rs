//! Asking a metrics server.

use super::guard::Guard;
use super::{Credentials, ProxyRules, Target};
use crate::quota::Quotas;
use crate::refusal::Refusal;
use axum::body::Bytes;
use axum::http::StatusCode;
use reqwest::{Client, Response, redirect};
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// A window of a range query, seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Window {
    /// From when, seconds since 1970.
    pub(crate) start: f64,
    /// Until when.
    pub(crate) end: f64,
    /// Seconds between two points.
    pub(crate) step: f64,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    /// The expression.
    pub(crate) query: String,
    /// When, for an instant query.
    pub(crate) time: Option<f64>,
    /// Over which window, for a range query.
    pub(crate) window: Option<Window>,
}

/// The targets with their clients.
#[derive(Debug, Clone)]
pub(crate) struct Proxy(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    targets: BTreeMap<String, (Target, Client)>,
    rules: ProxyRules,
    places: Semaphore,
    pub(crate) quotas: Quotas,
}

/// Longest expression.
const QUERY: usize = 4096;

impl Proxy {
    /// Clients for the targets.
    pub(crate) fn new(targets: &[Target], rules: ProxyRules) -> Result<Self, reqwest::Error> {
        let patience = Duration::from_secs(rules.patience);
        let with_client = |target: &Target| {
            let client = Client::builder()
                .redirect(redirect::Policy::none())
                .no_proxy()
                .dns_resolver(Arc::new(Guard { local: target.is_local() }))
                .referer(false)
                .timeout(patience)
                .connect_timeout(patience.min(Duration::from_secs(5)))
                .user_agent("headroom")
                .build()?;
            Ok((target.name.clone(), (target.clone(), client)))
        };
        let targets = targets.iter().map(with_client).collect::<Result<_, reqwest::Error>>()?;
        let (places, quotas) = (Semaphore::new(rules.at_once), Quotas::new(rules.per_minute));
        Ok(Self(Arc::new(Inner { targets, rules, places, quotas })))
    }

    /// What visitors may name.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.targets.keys().cloned().collect()
    }

    /// The quotas of addresses.
    pub(crate) fn quotas(&self) -> &Quotas {
        &self.0.quotas
    }

    /// Asks a target, within all bounds.
    pub(crate) async fn ask(&self, name: &str, asked: &Asked) -> Result<(StatusCode, Bytes), Refusal> {
        let no_target =
            || Refusal::new(StatusCode::NOT_FOUND, "no-target", "The operator lists no such metrics server.");
        let (target, client) = self.0.targets.get(name).ok_or_else(no_target)?;
        self.check(asked)?;
        let busy = || {
            let detail = "Too many queries are under way; try again.";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).later(2)
        };
        let _place = self.0.places.try_acquire().map_err(|_| busy())?;
        let (path, form) = form(asked);
        let url = target.url.join(path).map_err(|_| no_target())?;
        let mut request = client.post(url).form(&form);
        request = match &target.credentials {
            Credentials::None => request,
            Credentials::Bearer(token) => request.bearer_auth(token),
            Credentials::Basic(user, password) => request.basic_auth(user, Some(password)),
        };
        let response = request.send().await.map_err(|cause| away(&cause))?;
        self.answer(response).await
    }

    fn check(&self, asked: &Asked) -> Result<(), Refusal> {
        let bad = |detail: String| Err(Refusal::bad("bad-query", detail));
        if asked.query.trim().is_empty() || asked.query.len() > QUERY {
            return bad(format!("A query has 1 to {QUERY} characters."));
        }
        let is_time = |time: f64| time.is_finite() && (0.0..=1e11).contains(&time);
        if asked.time.is_some_and(|time| !is_time(time)) {
            return bad("A time is given in seconds since 1970.".to_owned());
        }
        let Some(Window { start, end, step }) = asked.window else { return Ok(()) };
        if !is_time(start) || !is_time(end) || end < start || !step.is_finite() || step < 0.001 {
            return bad("A window has a start before its end, in seconds since 1970, and a step in seconds.".to_owned());
        }
        let (most, longest) = (self.0.rules.points as f64, self.0.rules.window as f64);
        if end - start > longest {
            return bad(format!("A window has at most {longest} seconds."));
        }
        if (end - start) / step > most {
            return bad(format!("A window has at most {most} points; take a longer step."));
        }
        Ok(())
    }

    /// The answer as it is when it is one; nothing of the target's headers.
    async fn answer(&self, mut response: Response) -> Result<(StatusCode, Bytes), Refusal> {
        let status = response.status();
        if status.is_redirection() {
            return Err(strange("redirects elsewhere, which is not followed"));
        }
        if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN {
            return Err(strange("does not accept this server's credentials"));
        }
        let known = [StatusCode::OK, StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY];
        if !known.contains(&status) {
            return Err(strange("does not answer as Prometheus does"));
        }
        let limit = self.0.rules.answer_bytes;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|cause| away(&cause))? {
            if body.len() as u64 + chunk.len() as u64 > limit {
                let detail = format!("The answer has more than {limit} bytes; ask for less.");
                return Err(Refusal::new(StatusCode::BAD_GATEWAY, "answer-too-large", detail));
            }
            body.extend_from_slice(&chunk);
        }
        // Whatever else stands there (a login page, another service) is nobody's business.
        if serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(&body).map_or(true, |map| !map.contains_key("status"))
        {
            return Err(strange("does not answer as Prometheus does"));
        }
        Ok((status, Bytes::from(body)))
    }
}

fn form(asked: &Asked) -> (&'static str, Vec<(&'static str, String)>) {
    let mut form = vec![("query", asked.query.clone())];
    if let Some(Window { start, end, step }) = asked.window {
        form.extend([("start", start.to_string()), ("end", end.to_string()), ("step", step.to_string())]);
        return ("api/v1/query_range", form);
    }
    form.extend(asked.time.map(|time| ("time", time.to_string())));
    ("api/v1/query", form)
}

fn strange(what: &str) -> Refusal {
    Refusal::new(
        StatusCode::BAD_GATEWAY,
        "bad-target",
        format!("The metrics server {what}; tell whoever runs this server."),
    )
}

/// The cause may name hosts and addresses inside: it goes to the log, not to the visitor.
fn away(cause: &reqwest::Error) -> Refusal {
    tracing::warn!(timeout = cause.is_timeout(), connect = cause.is_connect(), "a metrics server does not answer");
    let (status, code) = if cause.is_timeout() {
        (StatusCode::GATEWAY_TIMEOUT, "target-timeout")
    } else {
        (StatusCode::BAD_GATEWAY, "target-away")
    };
    Refusal::new(status, code, "The metrics server does not answer; try again.").later(10)
}
