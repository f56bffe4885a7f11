//! Stories of a bulk demo: what each one draws. Equal seeds draw equal stories, however many run at once: every name
//! draws from its own source, so that neither the order of names nor that of stories matters.

use super::DemoPlace;
use definition::model::{CellTest, Service, Table, TableRow};
use feel::Value;
use japanese::calendar::Calendar;
use jiff::Span;
use jiff::civil::Date;
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// How deep names may be made of names.
const MAX_DEPTH: usize = 16;

/// Where a story draws from.
pub(super) struct Well<'a> {
    /// The service with its tables.
    pub(super) service: &'a Service,
    /// Places with a postal code, by municipality.
    pub(super) places: &'a BTreeMap<String, Vec<DemoPlace>>,
    /// Business days.
    pub(super) calendar: &'a Calendar,
    /// Tables are read by this day.
    pub(super) today: Date,
}

/// One story: its generators, and what they have drawn so far.
pub(super) struct Story<'a> {
    well: &'a Well<'a>,
    seed: String,
    generators: BTreeMap<String, Json>,
    drawn: BTreeMap<String, Json>,
}

impl<'a> Story<'a> {
    /// A story by its seed. `one_of` generators are decided first, since they bring names.
    pub(super) fn new(
        well: &'a Well<'a>,
        seed: String,
        generators: &Map<String, Json>,
    ) -> Result<Self, String> {
        let mut story = Self {
            well,
            seed,
            generators: BTreeMap::new(),
            drawn: BTreeMap::new(),
        };
        story.take(generators)?;
        Ok(story)
    }

    fn take(&mut self, generators: &Map<String, Json>) -> Result<(), String> {
        for (name, generator) in generators {
            let choice = generator.get("one_of").and_then(Json::as_array);
            let Some(choice) = choice else {
                self.generators.insert(name.clone(), generator.clone());
                continue;
            };
            let weights: Vec<u64> = choice.iter().map(share).collect();
            let chosen = weighted(&weights, self.roll(name));
            let chosen = chosen
                .and_then(|at| choice.get(at))
                .and_then(Json::as_object);
            let mut chosen = chosen
                .cloned()
                .ok_or_else(|| format!("{name}: one_of に選べるものがありません。"))?;
            chosen.remove("share");
            self.take(&chosen)?;
        }
        Ok(())
    }

    /// Gives a name its value.
    pub(super) fn say(&mut self, name: &str, value: Json) {
        self.drawn.insert(name.to_owned(), value);
    }

    /// A number that follows from the seed and a name.
    pub(super) fn roll(&self, name: &str) -> u64 {
        let mut hash = Sha256::new();
        hash.update(self.seed.as_bytes());
        hash.update([0]);
        hash.update(name.as_bytes());
        let digest = hash.finalize();
        let mut eight = [0; 8];
        eight.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(eight)
    }

    /// A whole number of a range, ends included.
    pub(super) fn between(&self, name: &str, [low, high]: [i64; 2]) -> i64 {
        let width = high.saturating_sub(low).max(0).unsigned_abs() + 1;
        low.saturating_add(i64::try_from(self.roll(name) % width).unwrap_or(0))
    }

    /// A value with every `{name}` and `{name.member}` put in. A text that is nothing but one of them becomes its
    /// value, whatever that is; `{day: N}` becomes the day N days after `day`. What is null is left out of objects.
    pub(super) fn fill(&mut self, value: &Json, day: Date) -> Result<Json, String> {
        self.filled(value, day, 0)
    }

    fn filled(&mut self, value: &Json, day: Date, depth: usize) -> Result<Json, String> {
        match value {
            Json::String(text) => self.text(text, depth),
            Json::Array(items) => items
                .iter()
                .map(|item| self.filled(item, day, depth))
                .collect(),
            Json::Object(members) => {
                if let Some(date) = self.date(members, day, depth)? {
                    return Ok(Json::String(date.to_string()));
                }
                let mut made = Map::new();
                for (name, member) in members {
                    let member = self.filled(member, day, depth)?;
                    if !member.is_null() {
                        made.insert(name.clone(), member);
                    }
                }
                Ok(Json::Object(made))
            }
            other => Ok(other.clone()),
        }
    }

    /// `{day: N}`, `{weekday: N}`, `{month: N}` and `{month_end: N}`, each `of` another day than the act's if it says so.
    fn date(
        &mut self,
        members: &Map<String, Json>,
        day: Date,
        depth: usize,
    ) -> Result<Option<Date>, String> {
        let mut words = members.iter().filter(|(name, _)| *name != "of");
        let (Some((word, many)), None) = (words.next(), words.next()) else {
            return Ok(None);
        };
        if !["day", "weekday", "month", "month_end"].contains(&word.as_str()) {
            return Ok(None);
        }
        let of = match members.get("of") {
            None => day,
            Some(of) => {
                let of = self.filled(of, day, depth)?;
                let read = of.as_str().and_then(|text| text.parse().ok());
                read.ok_or_else(|| format!("{word}: of は日で書いてください。"))?
            }
        };
        let many = self.filled(many, day, depth)?;
        let many = many
            .as_i64()
            .ok_or_else(|| format!("{word} は数で書いてください。"))?;
        let days = || of.checked_add(Span::new().days(many));
        let months = || of.first_of_month().checked_add(Span::new().months(many));
        let moved = match word.as_str() {
            "day" => days(),
            "weekday" => days().map(|day| self.well.calendar.next_business_day(day)),
            "month" => months(),
            _ => months().map(Date::last_of_month),
        };
        moved.map(Some).map_err(|error| format!("{word}: {error}"))
    }

    fn text(&mut self, text: &str, depth: usize) -> Result<Json, String> {
        let whole = text
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .filter(|path| !path.contains(['{', '}']));
        if let Some(path) = whole {
            return self.path(path, depth);
        }
        let (mut made, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (path, tail) = after
                .split_once('}')
                .ok_or_else(|| format!("「{text}」の {{ が閉じていません。"))?;
            made.push_str(before);
            match self.path(path, depth)? {
                Json::String(text) => made.push_str(&text),
                Json::Null => {}
                other => made.push_str(&other.to_string()),
            }
            rest = tail;
        }
        made.push_str(rest);
        Ok(Json::String(made))
    }

    fn path(&mut self, path: &str, depth: usize) -> Result<Json, String> {
        let mut steps = path.split('.');
        let name = steps.next().unwrap_or_default();
        let mut value = self.named(name, depth)?;
        for step in steps {
            value = value.get(step).cloned().unwrap_or(Json::Null);
        }
        Ok(value)
    }

    fn named(&mut self, name: &str, depth: usize) -> Result<Json, String> {
        if let Some(drawn) = self.drawn.get(name) {
            return Ok(drawn.clone());
        }
        if depth > MAX_DEPTH {
            return Err(format!("「{name}」は自分自身から作られています。"));
        }
        let generator = self
            .generators
            .get(name)
            .cloned()
            .ok_or_else(|| format!("let に「{name}」がありません。"))?;
        let value = self.draw(name, &generator, depth + 1)?;
        self.drawn.insert(name.to_owned(), value.clone());
        Ok(value)
    }

    fn draw(&mut self, name: &str, generator: &Json, depth: usize) -> Result<Json, String> {
        let Some((kind, of)) = generator
            .as_object()
            .filter(|members| members.len() == 1)
            .and_then(|members| members.iter().next())
        else {
            return self.filled(generator, self.well.today, depth);
        };
        match (kind.as_str(), of) {
            ("pick", Json::Array(items)) => {
                let at = self.between(name, [0, last(items.len())]);
                let item = usize::try_from(at).ok().and_then(|at| items.get(at));
                let item = item.cloned().unwrap_or(Json::Null);
                self.filled(&item, self.well.today, depth)
            }
            ("number", Json::Array(ends)) => match (ends.first(), ends.get(1)) {
                (Some(low), Some(high)) => {
                    let ends = [low.as_i64().unwrap_or(0), high.as_i64().unwrap_or(0)];
                    Ok(Json::from(self.between(name, ends)))
                }
                _ => Err(format!("{name}: number は [下, 上] で書いてください。")),
            },
            ("digits", Json::Number(count)) => {
                let count = usize::try_from(count.as_u64().unwrap_or(0))
                    .unwrap_or(0)
                    .min(18);
                let text = format!("{:018}", self.roll(name) % 1_000_000_000_000_000_000);
                Ok(Json::String(text.chars().skip(18 - count).collect()))
            }
            ("weighted", Json::Object(all)) => self.weighted_value(name, all),
            ("among", Json::Object(of)) => self.among(name, of, depth),
            ("sum", Json::Array(parts)) => self.sum(name, parts, depth),
            ("since", first) => Ok(Json::Bool(self.began_since(first))),
            ("row", Json::String(table)) => self.row(name, table),
            ("place", of) => {
                let of = self.filled(of, self.well.today, depth)?;
                self.place(name, &of)
            }
            _ => self.filled(generator, self.well.today, depth),
        }
    }

    /// One of the names of a map, by their weights.
    fn weighted_value(&self, name: &str, all: &Map<String, Json>) -> Result<Json, String> {
        let weights: Vec<u64> = all.values().filter_map(Json::as_u64).collect();
        let at = weighted(&weights, self.roll(name)).filter(|_| weights.len() == all.len());
        let chosen = at.and_then(|at| all.keys().nth(at)).cloned();
        let wrong = || format!("{name}: weighted は {{値: 重み}} で書いてください。");
        chosen.map(Json::String).ok_or_else(wrong)
    }

    fn sum(&mut self, name: &str, parts: &[Json], depth: usize) -> Result<Json, String> {
        let mut sum = 0_i64;
        for part in parts {
            let part = self.filled(part, self.well.today, depth)?.as_i64();
            let part = part.ok_or_else(|| format!("{name}: sum は数で書いてください。"))?;
            sum = sum.saturating_add(part);
        }
        Ok(Json::from(sum))
    }

    /// Whether the story began on a day, or so many days from today, or later.
    fn began_since(&self, first: &Json) -> bool {
        let first: Option<Date> = match first {
            Json::String(day) => day.parse().ok(),
            days => {
                let days = days.as_i64().unwrap_or(0);
                self.well.today.checked_add(Span::new().days(days)).ok()
            }
        };
        let begin = self.drawn.get("begin").and_then(Json::as_str);
        let begin: Option<Date> = begin.and_then(|text| text.parse().ok());
        first.is_some() && begin >= first
    }

    /// One of a few out of many, the same few whenever `of` is the same: the officials of an office.
    fn among(&mut self, name: &str, of: &Map<String, Json>, depth: usize) -> Result<Json, String> {
        let group = of
            .get("of")
            .ok_or_else(|| format!("{name}: among には of が要ります。"))?;
        let group = self.filled(group, self.well.today, depth)?;
        let all = of.get("pick").and_then(Json::as_array);
        let all = all.filter(|all| !all.is_empty());
        let all = all.ok_or_else(|| format!("{name}: among には pick が要ります。"))?;
        let many = of.get("many").and_then(Json::as_i64).unwrap_or(1).max(1);
        let which = self.between(name, [0, many - 1]);
        let mut hash = Sha256::new();
        hash.update(format!("{group}/{which}"));
        let digest = hash.finalize();
        let at = usize::from(u16::from_be_bytes([digest[0], digest[1]])) % all.len();
        self.filled(&all[at], self.well.today, depth)
    }

    /// A row of a table, by its outputs and literal inputs; rows with more `weight` come more often.
    fn row(&self, name: &str, table: &str) -> Result<Json, String> {
        let table = self
            .well
            .service
            .tables
            .get(table)
            .ok_or_else(|| format!("{name}: 基準表「{table}」がありません。"))?;
        let rows: Vec<&TableRow> = table.rows_on(self.well.today).collect();
        let at = table.outputs.iter().position(|(name, _)| name == "weight");
        let weight = |row: &&TableRow| match at.and_then(|at| row.outputs.get(at)) {
            Some(Value::Number(weight)) => weight.to_string().parse().unwrap_or(0),
            _ => 1,
        };
        let weights: Vec<u64> = rows.iter().map(weight).collect();
        weighted(&weights, self.roll(name))
            .and_then(|at| rows.get(at))
            .map(|row| row_json(table, row))
            .ok_or_else(|| format!("{name}: 基準表「{}」に行がありません。", table.name))
    }

    /// A place with a postal code in one of the municipalities, or anywhere.
    fn place(&self, name: &str, of: &Json) -> Result<Json, String> {
        let wanted: Vec<&str> = of
            .as_array()
            .map(|codes| codes.iter().filter_map(Json::as_str).collect())
            .unwrap_or_default();
        let towns = match wanted.is_empty() {
            true => self.well.places.values().collect::<Vec<_>>(),
            false => wanted
                .iter()
                .filter_map(|code| self.well.places.get(*code))
                .collect(),
        };
        let places: Vec<&DemoPlace> = towns.into_iter().flatten().collect();
        // Without a table of postal codes there is still a main street in every town.
        let spare: Vec<DemoPlace> = match places.is_empty() && self.well.places.is_empty() {
            true => wanted.iter().map(|code| main_street(code)).collect(),
            false => Vec::new(),
        };
        let places: Vec<&DemoPlace> = places.into_iter().chain(&spare).collect();
        let at = self.between(name, [0, last(places.len())]);
        let place = usize::try_from(at).ok().and_then(|at| places.get(at));
        let place = place.ok_or_else(|| format!("{name}: その市区町村の地名がありません。"))?;
        let number = |what: &str, most: i64| self.between(&format!("{name}/{what}"), [1, most]);
        let line = format!(
            "{}{}-{}-{}",
            place.town,
            number("chome", 5),
            number("ban", 28),
            number("go", 19)
        );
        let mut made = Map::new();
        if let Some(code) = &place.postal_code {
            made.insert("postal_code".into(), Json::String(code.clone()));
        }
        made.insert(
            "municipality".into(),
            Json::String(place.municipality.clone()),
        );
        made.insert("line".into(), Json::String(line));
        Ok(Json::Object(made))
    }
}

fn main_street(municipality: &str) -> DemoPlace {
    DemoPlace {
        postal_code: None,
        municipality: municipality.to_owned(),
        town: "本町".into(),
    }
}

fn last(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX).saturating_sub(1)
}

fn share(choice: &Json) -> u64 {
    choice.get("share").and_then(Json::as_u64).unwrap_or(1)
}

/// The place into which a roll falls.
fn weighted(weights: &[u64], roll: u64) -> Option<usize> {
    let sum: u64 = weights.iter().sum();
    let mut left = roll.checked_rem(sum)?;
    for (at, weight) in weights.iter().enumerate() {
        match left.checked_sub(*weight) {
            Some(rest) => left = rest,
            None => return Some(at),
        }
    }
    None
}

fn row_json(table: &Table, row: &TableRow) -> Json {
    let outputs = table.outputs.iter().zip(&row.outputs);
    let mut made: Map<String, Json> = outputs
        .filter(|(_, value)| **value != Value::Null)
        .map(|((name, _), value)| (name.clone(), value.to_json()))
        .collect();
    for ((name, _), test) in table.inputs.iter().zip(&row.tests) {
        if let CellTest::Is(value) = test {
            made.insert(name.clone(), value.to_json());
        }
    }
    Json::Object(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn service() -> Service {
        let source = definition::Source {
            files: [
                ("a/1-x/service.yaml", "title: 試\ninitiatives: []\narea: a\ncategory: \"01\"\nstatus: register\nowner: o\nsummary: s\naudience: [staff]\nactors: [職員]\nkeywords: []\nlegal_basis: [x]\n"),
                ("a/1-x/tables/words.yaml", "title: ことば\nhit: unique\ninputs: { code: text }\noutputs: { title: text, weight: number }\n"),
                ("a/1-x/tables/words.csv", "code,title,weight\na,あ,1\nb,い,0\n"),
            ]
            .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
            .into(),
        };
        let loaded = definition::load(&source, day());
        let services = loaded.catalogue.services;
        let found = services.values().next().cloned();
        std::sync::Arc::unwrap_or_clone(found.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics)))
    }

    fn day() -> Date {
        jiff::civil::date(2026, 11, 22)
    }

    fn drawn(seed: &str, generators: Json, value: Json) -> Result<Json, String> {
        let service = service();
        let places = super::super::bulk::by_municipality(&[DemoPlace {
            postal_code: Some("190-0023".into()),
            municipality: "13202".into(),
            town: "柴崎町".into(),
        }]);
        let calendar =
            Calendar::from_holidays([(jiff::civil::date(2026, 11, 23), "勤労感謝の日".into())])
                .unwrap();
        let well = Well {
            service: &service,
            places: &places,
            calendar: &calendar,
            today: day(),
        };
        let generators = generators.as_object().cloned().unwrap_or_default();
        let mut story = Story::new(&well, seed.into(), &generators)?;
        story.say("begin", Json::from("2026-11-05"));
        story.fill(&value, day())
    }

    #[test]
    fn equal_seeds_draw_equal_stories_and_others_differ() {
        let generators = json!({
            "n": {"number": [1, 1_000_000]}, "tel": {"digits": 8}, "who": {"pick": ["甲", "乙", "{w.title}"]},
            "w": {"row": "words"}, "at": {"place": ["13202"]}, "name": "{w.title}の{who}",
            "town": {"weighted": {"13202": 3}}, "there": {"place": ["{town}"]}, "more": {"sum": ["{n}", -1]},
            "late": {"since": "2026-11-01"}, "early": {"since": 1},
            "one": {"among": {"of": "{town}", "many": 1, "pick": ["春", "夏", "秋", "冬"]}},
            "kind": {"one_of": [{"share": 1, "a": 1}, {"share": 2, "a": {"number": [2, 3]}}]},
        });
        let value = json!({"x": "{n}", "y": ["{tel}", "{at.line}"], "on": {"day": 3}, "end": {"month_end": -1, "of": "{begin}"}, "open": {"weekday": 0},
            "first": {"month": 1}, "there": "{there.municipality}", "more": "{more}", "late": "{late}", "early": "{early}", "one": "{one}", "z": "{name}", "none": null, "a": "{a}"});
        let first = drawn("s", generators.clone(), value.clone()).unwrap();
        assert_eq!(
            first,
            drawn("s", generators.clone(), value.clone()).unwrap()
        );
        assert_ne!(
            first,
            drawn("t", generators.clone(), value.clone()).unwrap()
        );
        assert!(first["x"].is_i64() && first["a"].is_i64());
        assert_eq!(first["on"], "2026-11-25");
        assert_eq!(first["end"], "2026-10-31");
        // 22 November 2026 is a Sunday, and the 23rd a holiday.
        assert_eq!(first["open"], "2026-11-24");
        assert_eq!(first["first"], "2026-12-01");
        assert_eq!(first["there"], "13202");
        assert_eq!(
            first["more"].as_i64().unwrap() + 1,
            first["x"].as_i64().unwrap()
        );
        assert_eq!(
            (&first["late"], &first["early"]),
            (&json!(true), &json!(false))
        );
        let other = drawn("u", generators.clone(), value.clone()).unwrap();
        assert_eq!(
            first["one"], other["one"],
            "the same few for the same group"
        );
        assert_eq!(first["y"][0].as_str().unwrap().len(), 8);
        assert!(first["y"][1].as_str().unwrap().starts_with("柴崎町"));
        assert!(
            first["z"].as_str().unwrap().starts_with("あの"),
            "い has no weight"
        );
        assert!(first.get("none").is_none());
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (generators, value) in [
            (json!({}), json!("{missing}")),
            (json!({"a": "{b}", "b": "{a}"}), json!("{a}")),
            (json!({"t": {"row": "nothing"}}), json!("{t}")),
            (json!({"p": {"place": ["13101"]}}), json!("{p}")),
            (json!({}), json!("a {b")),
            (json!({"w": {"weighted": {"a": "x"}}}), json!("{w}")),
            (json!({"a": {"among": {"pick": ["x"]}}}), json!("{a}")),
            (json!({}), json!({"day": "x"})),
        ] {
            assert!(drawn("s", generators, value.clone()).is_err(), "{value}");
        }
    }
}
