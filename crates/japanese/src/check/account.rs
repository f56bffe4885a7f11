//! Bank accounts as 全国銀行協会 (全銀協) writes them in its records.

use super::digits;
use crate::{Fault, text};
use std::fmt;
use unicode_normalization::UnicodeNormalization as _;

/// 預金種目 of a transfer record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum AccountKind {
    /// 普通預金, code 1.
    Ordinary,
    /// 当座預金, code 2.
    Current,
    /// 貯蓄預金, code 4.
    Savings,
    /// その他, code 9.
    Other,
}

impl AccountKind {
    /// The digit in a record.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Ordinary => "1",
            Self::Current => "2",
            Self::Savings => "4",
            Self::Other => "9",
        }
    }

    /// The name on a form.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Ordinary => "普通",
            Self::Current => "当座",
            Self::Savings => "貯蓄",
            Self::Other => "その他",
        }
    }

    fn parse(value: &str) -> Option<Self> {
        let half = text::to_half(value);
        let bare = half.trim();
        let bare = bare.strip_suffix("預金").unwrap_or(bare);
        [Self::Ordinary, Self::Current, Self::Savings, Self::Other]
            .into_iter()
            .find(|k| k.code() == bare || k.title() == bare)
    }
}

/// An account that a transfer can name. Printing it for debugging shows no number.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ZenginAccount {
    /// 金融機関コード, 4 digits.
    pub bank: String,
    /// 支店コード, 3 digits.
    pub branch: String,
    /// 預金種目.
    pub kind: AccountKind,
    /// 口座番号, 7 digits, filled with zeros at the front.
    pub number: String,
}

impl fmt::Debug for ZenginAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZenginAccount").finish_non_exhaustive()
    }
}

const JAPAN_POST: &str = "9900";

/// An account of the Zengin system: 4, 3 and up to 7 digits; `kind` as its
/// digit or its name (普通, 当座, 貯蓄, その他).
///
/// # Errors
/// The first that is wrong, each with its own code: `bank_code`, `branch_code`,
/// `account_kind`, `account_number`, `account_number_post`.
pub fn zengin_account(
    bank: &str,
    branch: &str,
    kind: &str,
    number: &str,
) -> Result<ZenginAccount, Fault> {
    let first = |faults: Vec<Fault>| {
        faults
            .into_iter()
            .next()
            .unwrap_or_else(|| Fault::new("account", "口座を確かめてください。"))
    };
    zengin_account_all(bank, branch, kind, number).map_err(first)
}

/// As [`zengin_account`], naming all that is wrong at once.
///
/// # Errors
/// One fault a part, in the order of the arguments.
pub fn zengin_account_all(
    bank: &str,
    branch: &str,
    kind: &str,
    number: &str,
) -> Result<ZenginAccount, Vec<Fault>> {
    let bank = exactly(bank, 4)
        .ok_or_else(|| Fault::new("bank_code", "金融機関コードは4桁の数字です。例：0001"));
    let branch = exactly(branch, 3)
        .ok_or_else(|| Fault::new("branch_code", "支店コードは3桁の数字です。例：001"));
    let kind = AccountKind::parse(kind).ok_or_else(|| {
        Fault::new(
            "account_kind",
            "預金種目は普通、当座、貯蓄、その他から選んでください。",
        )
    });
    let number = account_number(number, bank.as_deref() == Ok(JAPAN_POST));
    match (bank, branch, kind, number) {
        (Ok(bank), Ok(branch), Ok(kind), Ok(number)) => Ok(ZenginAccount {
            bank,
            branch,
            kind,
            number,
        }),
        (bank, branch, kind, number) => Err([bank.err(), branch.err(), kind.err(), number.err()]
            .into_iter()
            .flatten()
            .collect()),
    }
}

fn exactly(value: &str, length: usize) -> Option<String> {
    digits(value, length).filter(|d| d.len() == length)
}

fn account_number(value: &str, post: bool) -> Result<String, Fault> {
    match digits(value, 8) {
        Some(all) if (1..=7).contains(&all.len()) && all.bytes().any(|b| b != b'0') => {
            Ok(format!("{all:0>7}"))
        }
        Some(all) if post && all.len() == 8 => Err(Fault::new(
            "account_number_post",
            "ゆうちょ銀行は、通帳の記号と番号ではなく、振込用の店番（3桁）と口座番号（7桁）を書いてください。",
        )),
        _ => Err(Fault::new(
            "account_number",
            "口座番号は7桁までの数字です。7桁より短いときは、そのまま書いてください。",
        )),
    }
}

/// An account holder's name as a transfer record has it: half-width capitals,
/// digits, kana without small letters, `( ) . - / ¥ , 「 」` and blanks.
///
/// # Errors
/// `zengin_kana` when a character has no place there, such as kanji.
pub fn zengin_kana(value: &str) -> Result<String, Fault> {
    let wide = text::normalise_spaces(&text::to_full_kana(&text::to_half(value)));
    let mut out = String::with_capacity(wide.len());
    for c in wide.nfd() {
        let half = record_char(c).ok_or_else(|| {
            Fault::new(
                "zengin_kana",
                "口座名義は、通帳のとおりカタカナ、英字、数字で書いてください。漢字は使えません。",
            )
        })?;
        out.push(half);
    }
    if out.is_empty() {
        Err(Fault::new("required", "口座名義を書いてください。"))
    } else {
        Ok(out)
    }
}

/// Full-width kana in the order of the half-width block from U+FF66 on.
const HALF_ORDER: &str = "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

fn record_char(c: char) -> Option<char> {
    let large = match c {
        'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ' | 'ャ' | 'ュ' | 'ョ' | 'ッ' | 'ヮ' => {
            char::from_u32(c as u32 + 1)?
        }
        'ヵ' => 'カ',
        'ヶ' => 'ケ',
        _ => c,
    };
    match large {
        'a'..='z' => Some(large.to_ascii_uppercase()),
        'A'..='Z' | '0'..='9' | '(' | ')' | '.' | '-' | '/' | '¥' | ',' | ' ' => Some(large),
        '「' | '｢' => Some('｢'),
        '」' | '｣' => Some('｣'),
        'ー' | '‐' | '―' | '−' => Some('-'),
        '・' | '･' => Some('.'),
        '\u{3099}' | '゛' | 'ﾞ' => Some('ﾞ'),
        '\u{309a}' | '゜' | 'ﾟ' => Some('ﾟ'),
        _ => HALF_ORDER
            .chars()
            .position(|k| k == large)
            .and_then(|at| char::from_u32(0xFF66 + u32::try_from(at).ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountKind, zengin_account, zengin_account_all, zengin_kana};

    #[test]
    fn an_account_is_read_and_filled() {
        let account = zengin_account_all("０００１", "1 23", "普通預金", "12345").unwrap();
        assert_eq!(
            (
                account.bank.as_str(),
                account.branch.as_str(),
                account.number.as_str()
            ),
            ("0001", "123", "0012345")
        );
        assert_eq!(account.kind, AccountKind::Ordinary);
        assert_eq!(
            zengin_account_all("0001", "123", "2", "1234567")
                .unwrap()
                .kind
                .code(),
            "2"
        );
        assert!(!format!("{account:?}").contains("12345"));
        assert_eq!(
            zengin_account("1", "", "", "").unwrap_err().code,
            "bank_code"
        );
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let codes =
            |faults: Vec<crate::Fault>| faults.into_iter().map(|f| f.code).collect::<Vec<_>>();
        let faults = zengin_account_all("1", "12", "定期", "12345678").unwrap_err();
        assert_eq!(
            codes(faults),
            ["bank_code", "branch_code", "account_kind", "account_number"]
        );
        let faults = zengin_account_all("9900", "018", "普通", "12345671").unwrap_err();
        assert_eq!(codes(faults), ["account_number_post"]);
        assert_eq!(
            codes(zengin_account_all("0001", "001", "1", "0").unwrap_err()),
            ["account_number"]
        );
    }

    #[test]
    fn holders_are_written_for_the_record() {
        assert_eq!(zengin_kana("さとう　はなこ").unwrap(), "ｻﾄｳ ﾊﾅｺ");
        assert_eq!(zengin_kana("カ）ショップ・ガッツ").unwrap(), "ｶ)ｼﾖﾂﾌﾟ.ｶﾞﾂﾂ");
        assert_eq!(zengin_kana("ﾗｰﾒﾝ abc").unwrap(), "ﾗ-ﾒﾝ ABC");
        assert_eq!(zengin_kana("佐藤").unwrap_err().code, "zengin_kana");
        assert_eq!(zengin_kana("").unwrap_err().code, "required");
    }
}
