//! Addresses: whether two spellings mean one place.

use crate::fold::search_key;

/// Prefectures as search keys; a leading one is left out of an address key,
/// since people write it or not.
const PREFECTURES: [&str; 47] = [
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
];

/// What joins the numbers of an address, once a digit stands before it. Longer words first.
const JOINTS: [&str; 11] = [
    "丁目",
    "番地の",
    "番地",
    "番の",
    "番",
    "号室",
    "号棟",
    "号館",
    "号の",
    "号",
    "の",
];

/// A key that is equal for spellings of one address: 柴崎町２丁目２１−１９,
/// 柴崎町2-21-19 and 東京都柴崎町二丁目21番19号 share one.
///
/// Folds as [`search_key`] does, reads 漢数字 wherever they stand, joins 丁目,
/// 番地, 番, 号, 号室 and の as hyphens, drops blanks, 大字, 〒 with its number and
/// a leading prefecture. Good for equality only: it is no text for people.
#[must_use]
pub fn address_key(address: &str) -> String {
    let key = search_key(address);
    let rest = without_postal_code(&key);
    let rest = PREFECTURES
        .iter()
        .find_map(|name| rest.strip_prefix(name))
        .unwrap_or(rest)
        .trim_start();
    join_numbers(&read_numerals(&rest.replace("大字", "")))
}

/// Whether two addresses are one place: equal, non-empty keys.
#[must_use]
pub fn same_place(a: &str, b: &str) -> bool {
    let key = address_key(a);
    !key.is_empty() && key == address_key(b)
}

fn without_postal_code(key: &str) -> &str {
    let Some(rest) = key.strip_prefix('〒') else {
        return key;
    };
    rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-' || c == ' ')
}

/// Each run of kanji numerals as digits: 二十一 and 二一 are both 21.
fn read_numerals(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run: Vec<char> = Vec::new();
    for c in text.chars() {
        if numeral(c).is_some() {
            run.push(c);
        } else {
            flush(&mut run, &mut out);
            out.push(c);
        }
    }
    flush(&mut run, &mut out);
    out
}

fn flush(run: &mut Vec<char>, out: &mut String) {
    if run.is_empty() {
        return;
    }
    match number_of(run) {
        Some(number) => out.push_str(&number.to_string()),
        None => out.extend(run.iter()),
    }
    run.clear();
}

/// A digit (`Ok`) or a power of ten (`Err`).
fn numeral(c: char) -> Option<Result<u64, u64>> {
    Some(match c {
        '〇' => Ok(0),
        '一' | '壱' => Ok(1),
        '二' | '弐' => Ok(2),
        '三' => Ok(3),
        '四' => Ok(4),
        '五' => Ok(5),
        '六' => Ok(6),
        '七' => Ok(7),
        '八' => Ok(8),
        '九' => Ok(9),
        '十' => Err(10),
        '百' => Err(100),
        '千' => Err(1000),
        _ => return None,
    })
}

/// The number that kanji numerals say, positional or with 十百千; `None` when too long.
pub(crate) fn number_of(run: &[char]) -> Option<u64> {
    let (mut total, mut digits) = (0_u64, None::<u64>);
    for c in run {
        match numeral(*c)? {
            Ok(digit) => digits = Some(digits.unwrap_or(0).checked_mul(10)?.checked_add(digit)?),
            Err(power) => {
                total = total.checked_add(digits.take().unwrap_or(1).checked_mul(power)?)?
            }
        }
    }
    total.checked_add(digits.unwrap_or(0))
}

/// Joints after digits as '-', blanks between digits too, others gone; 階 as f.
fn join_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after_digit = out.ends_with(|c: char| c.is_ascii_digit());
        let joint = if after_digit { joint_at(rest) } else { None };
        if let Some(joint) = joint {
            rest = rest.strip_prefix(joint).unwrap_or_default();
            hyphen(&mut out);
            continue;
        }
        rest = rest.strip_prefix(c).unwrap_or_default();
        match c {
            '-' => hyphen(&mut out),
            ' ' if after_digit && rest.starts_with(|c: char| c.is_ascii_digit()) => {
                hyphen(&mut out)
            }
            ' ' | ',' | '、' => {}
            '階' if after_digit => out.push('f'),
            _ => {
                // "21番 コーポ" and "21 コーポ": a hyphen binds numbers only.
                if !c.is_ascii_alphanumeric() && ends_in_joint(&out) {
                    out.pop();
                }
                out.push(c);
            }
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

fn ends_in_joint(out: &str) -> bool {
    out.strip_suffix('-')
        .is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()))
}

fn hyphen(out: &mut String) {
    if !out.ends_with('-') {
        out.push('-');
    }
}

/// The joint at the start of `rest`, unless it belongs to a name (一番町, 2番館, 一の宮).
fn joint_at(rest: &str) -> Option<&'static str> {
    let joint = JOINTS.into_iter().find(|joint| rest.starts_with(joint))?;
    let next = rest
        .strip_prefix(joint)?
        .trim_start_matches([' ', '-'])
        .chars()
        .next();
    match joint {
        "番" if matches!(next, Some('町' | '館' | '街' | '丁')) => None,
        "の" if !next.is_some_and(|c| c.is_ascii_digit()) => None,
        _ => Some(joint),
    }
}

#[cfg(test)]
mod tests {
    use super::{PREFECTURES, address_key, number_of, same_place};
    use crate::fold::search_key;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_address_are_one_place() {
        let one = "柴崎町2-21-19";
        for other in [
            "柴崎町２丁目２１−１９",
            "柴崎町二丁目21番19号",
            "柴崎町2丁目21番地19",
            "柴崎町２ー２１ー１９",
            "東京都柴崎町 2-21-19",
            "柴崎町二丁目二十一番十九号",
            "柴崎町2丁目21番地の19",
            "柴﨑町2の21の19",
        ] {
            assert!(same_place(one, other), "{other}: {}", address_key(other));
        }
        assert_eq!(address_key(one), one);
    }

    #[test]
    fn rooms_floors_and_country_names_fold() {
        assert!(same_place(
            "千代田区霞が関1-2-3 つむぎビル201号室",
            "千代田区霞ヶ関１丁目２番３号つむぎビル２０１"
        ));
        assert!(same_place("錦町4-6-3-101", "錦町4丁目6番3号 101号室"));
        assert!(same_place("錦町4-6-3 2階", "錦町4-6-3 2F"));
        assert!(same_place(
            "〒190-0023 東京都立川市柴崎町1-1",
            "立川市柴崎町一丁目1番"
        ));
        assert!(same_place(
            "西多摩郡檜原村大字本宿467番地1",
            "西多摩郡桧原村本宿467-1"
        ));
        assert!(same_place("千代田区一番町1", "千代田区一番町1番地"));
    }

    #[test]
    fn other_places_stay_apart() {
        assert!(!same_place("柴崎町2-21-19", "柴崎町2-2-119"));
        assert!(!same_place("柴崎町2-21-19", "柴崎町2-21-1"));
        assert!(!same_place("千代田区一番町1", "千代田区二番町1"));
        assert!(!same_place("柴崎町2-21-19", "柴崎町2-21-19-2"));
        assert!(!same_place("", "　"));
    }

    #[test]
    fn numerals_are_read() {
        let read = |text: &str| number_of(&text.chars().collect::<Vec<_>>());
        assert_eq!(read("二十一"), Some(21));
        assert_eq!(read("二一"), Some(21));
        assert_eq!(read("千二百三"), Some(1203));
        assert_eq!(read("一〇"), Some(10));
        assert_eq!(read("九九九九九九九九九九九九九九九九九九九九九"), None);
    }

    #[test]
    fn prefectures_are_keys_themselves() {
        for name in PREFECTURES {
            assert_eq!(search_key(name), name);
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = address_key(&text);
        }

        #[test]
        fn hyphens_and_words_agree(chome in 1_u32..40, ban in 1_u32..400, go in 1_u32..400) {
            let short = format!("柴崎町{chome}-{ban}-{go}");
            let long = format!("東京都柴崎町{chome}丁目{ban}番{go}号");
            prop_assert!(same_place(&short, &long));
            let next = go + 1;
            let other = format!("柴崎町{chome}-{ban}-{next}");
            prop_assert!(!same_place(&short, &other));
        }
    }
}
