//! Counts and durations by route, in the text form of Prometheus.

use axum::http::{Method, StatusCode};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// Upper bounds of the buckets in seconds.
const BOUNDS_SECONDS: [f64; 11] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0,
];

/// Requests seen since the start.
#[derive(Default)]
pub(crate) struct Metrics(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    /// By route, then by method and status.
    requests: BTreeMap<String, BTreeMap<(&'static str, u16), u64>>,
    durations: BTreeMap<String, Histogram>,
    sign_ins: BTreeMap<&'static str, u64>,
}

#[derive(Default)]
struct Histogram {
    buckets: [u64; BOUNDS_SECONDS.len()],
    count: u64,
    seconds: f64,
}

impl Metrics {
    pub(crate) fn record(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let seconds = took.as_secs_f64();
        let mut seen = self.0.lock();
        // A route that was seen before costs no copy of its name.
        if !seen.requests.contains_key(route) {
            seen.requests.insert(route.to_owned(), BTreeMap::new());
            seen.durations
                .insert(route.to_owned(), Histogram::default());
        }
        let Seen {
            requests,
            durations,
            ..
        } = &mut *seen;
        let (Some(requests), Some(histogram)) = (requests.get_mut(route), durations.get_mut(route))
        else {
            return;
        };
        *requests
            .entry((known(method), status.as_u16()))
            .or_default() += 1;
        histogram.count += 1;
        histogram.seconds += seconds;
        for (bucket, bound) in histogram.buckets.iter_mut().zip(BOUNDS_SECONDS) {
            *bucket += u64::from(seconds <= bound);
        }
    }

    /// Somebody signed in, or did not: `done`, `refused`, `wait`, `fault`.
    pub(crate) fn sign_in(&self, outcome: &'static str) {
        *self.0.lock().sign_ins.entry(outcome).or_default() += 1;
    }

    /// The exposition text.
    pub(crate) fn text(&self) -> String {
        let seen = self.0.lock();
        let mut text = String::from(
            "# HELP tsumugi_requests_total Requests by method, route and status.\n# TYPE tsumugi_requests_total counter\n",
        );
        for (route, counts) in &seen.requests {
            for ((method, status), count) in counts {
                let _ = writeln!(
                    text,
                    "tsumugi_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
                );
            }
        }
        text.push_str("# HELP tsumugi_sign_ins_total Tries to sign in with a password, by outcome.\n# TYPE tsumugi_sign_ins_total counter\n");
        for (outcome, count) in &seen.sign_ins {
            let _ = writeln!(
                text,
                "tsumugi_sign_ins_total{{outcome=\"{outcome}\"}} {count}"
            );
        }
        text.push_str("# HELP tsumugi_request_duration_seconds Time to answer, by route.\n# TYPE tsumugi_request_duration_seconds histogram\n");
        for (route, histogram) in &seen.durations {
            for (bound, count) in BOUNDS_SECONDS.iter().zip(histogram.buckets) {
                let _ = writeln!(
                    text,
                    "tsumugi_request_duration_seconds_bucket{{route=\"{route}\",le=\"{bound}\"}} {count}"
                );
            }
            let (count, seconds) = (histogram.count, histogram.seconds);
            let _ = writeln!(
                text,
                "tsumugi_request_duration_seconds_bucket{{route=\"{route}\",le=\"+Inf\"}} {count}"
            );
            let _ = writeln!(
                text,
                "tsumugi_request_duration_seconds_sum{{route=\"{route}\"}} {seconds}"
            );
            let _ = writeln!(
                text,
                "tsumugi_request_duration_seconds_count{{route=\"{route}\"}} {count}"
            );
        }
        text
    }
}

/// A stranger may send any word as a method; it must not grow the table.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let known = KNOWN.into_iter().find(|known| *known == method.as_str());
    known.unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_count_upwards() {
        let metrics = Metrics::default();
        metrics.record(&Method::GET, "/a", StatusCode::OK, Duration::from_millis(3));
        metrics.record(&Method::GET, "/a", StatusCode::OK, Duration::from_secs(9));
        let text = metrics.text();
        for line in [
            "tsumugi_requests_total{method=\"GET\",route=\"/a\",status=\"200\"} 2",
            "tsumugi_request_duration_seconds_bucket{route=\"/a\",le=\"0.0025\"} 0",
            "tsumugi_request_duration_seconds_bucket{route=\"/a\",le=\"0.005\"} 1",
            "tsumugi_request_duration_seconds_bucket{route=\"/a\",le=\"+Inf\"} 2",
            "tsumugi_request_duration_seconds_count{route=\"/a\"} 2",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }
}
