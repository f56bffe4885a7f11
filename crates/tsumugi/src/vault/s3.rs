//! A vault in storage that speaks S3. Requests are signed and made here; nothing is kept between them.

use anyhow::{Context as _, Result, bail};
use rusty_s3::actions::ListObjectsV2;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use std::time::Duration;
use store::backup::{Vault, VaultError};

/// A signature is good for so long.
const SIGNED: Duration = Duration::from_secs(300);
/// Storage that is silent for so long is away.
const PATIENCE: Duration = Duration::from_secs(60);
/// The largest object that is read: an upload, or a group of commits.
const LARGEST_BYTES: u64 = 1 << 30;
const REGION: &str = "ap-northeast-1";

/// A bucket, or what lies in it below a prefix.
pub(crate) struct S3 {
    bucket: Bucket,
    login: Credentials,
    /// Empty, or ends in `/`.
    prefix: String,
    agent: ureq::Agent,
}

impl S3 {
    /// By what follows `s3://` in an address: `BUCKET/PREFIX?endpoint=URL&region=NAME`. Without an endpoint it is Amazon's.
    pub(crate) fn open(address: &str, (id, secret): (String, String)) -> Result<Self> {
        let (place, query) = address.split_once('?').unwrap_or((address, ""));
        let (name, prefix) = place.split_once('/').unwrap_or((place, ""));
        let (mut endpoint, mut region) = (None, REGION);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("endpoint", url)) => endpoint = Some(url),
                Some(("region", name)) => region = name,
                _ => bail!("s3:// の設定 {pair} はありません（endpoint と region だけです）"),
            }
        }
        // Buckets of others are reached by path; Amazon's by name.
        let (endpoint, style) = match endpoint {
            Some(url) => (url.to_owned(), UrlStyle::Path),
            None => (
                format!("https://s3.{region}.amazonaws.com"),
                UrlStyle::VirtualHost,
            ),
        };
        let url = endpoint
            .parse()
            .with_context(|| format!("endpoint の {endpoint} はURLとして読めません"))?;
        let bucket = Bucket::new(url, style, name.to_owned(), region.to_owned())
            .with_context(|| format!("s3://{address} を読めません"))?;
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        let prefix = match prefix.trim_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        Ok(Self {
            bucket,
            login: Credentials::new(id, secret),
            prefix,
            agent: config.into(),
        })
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn fault(&self, why: impl std::fmt::Display) -> VaultError {
        VaultError {
            place: self.shown(),
            why: why.to_string(),
        }
    }

    /// Runs a request whose answer must be one of these; others say their status alone, since bodies name keys.
    fn answered(
        &self,
        sent: std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>,
        fine: &[u16],
    ) -> Result<(u16, Vec<u8>), VaultError> {
        let mut answer = sent.map_err(|error| self.fault(error))?;
        let status = answer.status().as_u16();
        if !fine.contains(&status) {
            return Err(self.fault(format!("HTTP {status}")));
        }
        let reader = answer.body_mut().with_config().limit(LARGEST_BYTES);
        let body = reader.read_to_vec().map_err(|error| self.fault(error))?;
        Ok((status, body))
    }

    /// One page of a list, and where the next begins.
    fn page(
        &self,
        prefix: &str,
        next: Option<String>,
    ) -> Result<(Vec<String>, Option<String>), VaultError> {
        let mut list = self.bucket.list_objects_v2(Some(&self.login));
        list.with_prefix(prefix);
        if let Some(next) = next {
            list.with_continuation_token(next);
        }
        let url = list.sign(SIGNED);
        let (_, body) = self.answered(self.agent.get(url.as_str()).call(), &[200])?;
        let body = String::from_utf8(body).map_err(|error| self.fault(error))?;
        let page = ListObjectsV2::parse_response(&body).map_err(|error| self.fault(error))?;
        let keys = page.contents.into_iter().map(|object| object.key);
        Ok((keys.collect(), page.next_continuation_token))
    }
}

impl Vault for S3 {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), VaultError> {
        let key = self.key(name);
        let url = self.bucket.put_object(Some(&self.login), &key).sign(SIGNED);
        self.answered(self.agent.put(url.as_str()).send(bytes), &[200])?;
        Ok(())
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let key = self.key(name);
        let url = self.bucket.get_object(Some(&self.login), &key).sign(SIGNED);
        let answer = self.answered(self.agent.get(url.as_str()).call(), &[200, 404])?;
        Ok(Some(answer)
            .filter(|(status, _)| *status == 200)
            .map(|(_, body)| body))
    }

    fn list(&self, below: &str) -> Result<Vec<String>, VaultError> {
        let prefix = self.key(below);
        let (mut all, mut next) = (Vec::new(), None);
        loop {
            let (keys, more) = self.page(&prefix, next)?;
            let names = keys.iter().filter_map(|key| key.strip_prefix(&self.prefix));
            all.extend(names.map(ToOwned::to_owned));
            next = more;
            if next.is_none() {
                all.sort_unstable();
                return Ok(all);
            }
        }
    }

    fn remove(&self, name: &str) -> Result<(), VaultError> {
        let key = self.key(name);
        let url = self
            .bucket
            .delete_object(Some(&self.login), &key)
            .sign(SIGNED);
        self.answered(self.agent.delete(url.as_str()).call(), &[200, 204, 404])?;
        Ok(())
    }

    fn shown(&self) -> String {
        format!("s3://{}/{}", self.bucket.name(), self.prefix)
    }
}
