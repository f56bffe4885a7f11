//! Sentences about electronic payment: through the payer's pages, over HTTP, as a browser without scripts would.

use anyhow::{Context, Result, ensure};
use regex::Captures;

use super::{Deed, word};
use crate::world::World;

pub(super) const ALL: &[(&str, Deed)] = &[
    (
        "{} は {} を納付画面で {} で納める",
        |world, words, _| pay(world, words, "pay"),
    ),
    (
        "{} は {} を納付画面で {} で納め、知らせが 2 回届く",
        |world, words, _| pay(world, words, "twice"),
    ),
    (
        "{} は {} の払込票を受け取る",
        |world, words, _| {
            world.go_to_pay(word(words, 1), word(words, 2))?;
            world.pay_there("konbini", "slip")
        },
    ),
    ("{} は払込票を店で払う", |world, words, _| {
        world.acts_now(word(words, 1));
        world.pay_there("konbini", "store")
    }),
    (
        "にせの納付の知らせを {} に送る",
        |world, words, _| {
            let record = world.reference(word(words, 1))?;
            world.forge(&record)
        },
    ),
    (
        "納付の代行会社につながらない",
        |world, _, _| {
            world.product.gateway_away(true);
            Ok(())
        },
    ),
    ("納付の代行会社につながる", |world, _, _| {
        world.product.gateway_away(false);
        world.product.pass_business_days(1)
    }),
];

fn pay(world: &mut World<'_>, words: &Captures<'_>, choice: &str) -> Result<()> {
    let method = match word(words, 3) {
        "カード" => "card",
        "Pay-easy" => "pay_easy",
        "コンビニ" => "konbini",
        other => anyhow::bail!("{other} という納め方はありません"),
    };
    world.go_to_pay(word(words, 1), word(words, 2))?;
    if method == "konbini" {
        world.pay_there(method, "slip")?;
        return world.pay_there(method, "store");
    }
    world.pay_there(method, choice)
}

impl World<'_> {
    /// Follows a record's `links.pay` to the gateway's page, and remembers it.
    ///
    /// # Errors
    /// If there is nothing to pay, or the way is broken.
    fn go_to_pay(&mut self, persona: &str, record: &str) -> Result<()> {
        self.acts_now(persona);
        let json = self.read(record)?;
        let page = json
            .pointer("/links/pay")
            .and_then(serde_json::Value::as_str)
            .with_context(|| format!("{record} に納付する先（links.pay）がありません: {json}"))?
            .to_owned();
        let shown = self.page(persona, &page)?;
        let on = format!("{page}/go");
        ensure!(
            shown.text.contains(&on),
            "納付の画面に、進む先 {on} がありません"
        );
        let answer = self.page(persona, &on)?;
        let there = answer
            .header("location")
            .with_context(|| format!("{on} が代行会社に進みません: {}", answer.told()))?;
        self.payment_page = Some(there.to_owned());
        Ok(())
    }

    /// Posts the form of the gateway's page, and comes back with the payer.
    fn pay_there(&mut self, method: &str, choice: &str) -> Result<()> {
        let page = self
            .payment_page
            .clone()
            .context("まだ納付の画面に進んでいません")?;
        let form = format!("method={method}&choice={choice}");
        let answer = self.form(&page, &form)?;
        ensure!(
            answer.status == 303,
            "代行会社の画面で進めません: {}",
            answer.told()
        );
        self.product.settle()?;
        let back = answer.header("location").unwrap_or_default().to_owned();
        let persona = self.actor_now()?;
        if back.starts_with("/pay/") {
            let answer = self.page(&persona, &back)?;
            ensure!(answer.ok(), "戻りの画面が開けません: {}", answer.told());
        }
        Ok(())
    }
}
