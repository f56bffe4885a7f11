//! 郵便番号, 電話番号, メールアドレス.

use super::{digits, is_hyphen};
use crate::{Fault, text};

/// 郵便番号 as `123-4567`; 〒, blanks, full width and a missing hyphen are taken.
///
/// # Errors
/// `postal_code`. Whether the code is in use is the register's to say.
pub fn postal_code(value: &str) -> Result<String, Fault> {
    let bare = value.trim().trim_start_matches(['〒', '\u{3012}', '〠']);
    match digits(bare, 7) {
        Some(all) if all.len() == 7 => Ok(format!("{}-{}", &all[..3], &all[3..])),
        _ => Err(Fault::new(
            "postal_code",
            "郵便番号は7桁の数字で書いてください。例：190-0023",
        )),
    }
}

/// A telephone number of Japan: 0 first, 10 digits, or 11 for 020, 050, 060,
/// 070, 080, 090 and 0800 (電気通信番号計画, 令和元年総務省告示第6号).
///
/// Hyphens or brackets that split it into three are kept as hyphens, since the
/// length of an area code cannot be told without a table; mobile, 03, 06 and
/// free-dial numbers get theirs. `+81` becomes 0. Compare with [`phone_digits`].
///
/// # Errors
/// `phone`.
pub fn phone(value: &str) -> Result<String, Fault> {
    let half = text::to_half(value);
    let (bare, from_abroad) = match half.trim().strip_prefix("+81") {
        Some(rest) => (rest.trim_start_matches("(0)"), true),
        None => (half.trim(), false),
    };
    let mut groups: Vec<String> = bare
        .split(|c: char| c.is_whitespace() || is_hyphen(c) || "().".contains(c))
        .filter(|g| !g.is_empty())
        .map(str::to_owned)
        .collect();
    if let Some(first) = groups
        .first_mut()
        .filter(|first| from_abroad && !first.starts_with('0'))
    {
        first.insert(0, '0');
    }
    let all = groups.concat();
    if !is_national(&all) {
        return Err(Fault::new(
            "phone",
            "電話番号は市外局番から、0で始まる10桁または11桁の数字で書いてください。例：042-524-5171",
        ));
    }
    if groups.len() == 3 && (2..=5).contains(&groups[0].len()) {
        return Ok(groups.join("-"));
    }
    Ok(match known_groups(&all) {
        Some((first, second)) => format!(
            "{}-{}-{}",
            &all[..first],
            &all[first..second],
            &all[second..]
        ),
        None => all,
    })
}

/// The bare digits of a telephone number, for comparing two spellings.
///
/// # Errors
/// As [`phone`].
pub fn phone_digits(value: &str) -> Result<String, Fault> {
    phone(value).map(|number| number.replace('-', ""))
}

fn is_national(digits: &str) -> bool {
    let numeric = digits.bytes().all(|b| b.is_ascii_digit());
    let eleven = ["020", "050", "060", "070", "080", "090"]
        .iter()
        .any(|p| digits.starts_with(p));
    let second = digits.as_bytes().get(1).copied();
    numeric
        && digits.starts_with('0')
        && second.is_some_and(|b| b != b'0')
        && digits.len() == if eleven { 11 } else { 10 }
}

/// Where the second and third group begin, for numbers of known shape.
fn known_groups(digits: &str) -> Option<(usize, usize)> {
    match digits.len() {
        11 if digits.starts_with("0800") => Some((4, 7)),
        11 => Some((3, 7)),
        _ if digits.starts_with("0120")
            || digits.starts_with("0570")
            || digits.starts_with("0990") =>
        {
            Some((4, 7))
        }
        _ if digits.starts_with("03") || digits.starts_with("06") => Some((2, 6)),
        _ => None,
    }
}

/// Carriers that once gave out addresses with dots where RFC 5321 has none;
/// they are in use and do arrive.
const LAX_DOMAINS: [&str; 4] = ["docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp"];

/// An e-mail address, its domain in lower case; full-width letters are taken.
///
/// The form of RFC 5321 in ASCII without quotes or comments, at most 254
/// characters; dots in a row are taken only at the old mobile carriers.
///
/// # Errors
/// `email`.
pub fn email(value: &str) -> Result<String, Fault> {
    let half = text::to_half(value.trim());
    let fault = || {
        Fault::new(
            "email",
            "メールアドレスの形を確かめてください。例：hanako@example.jp",
        )
    };
    let (local, domain) = half.trim().rsplit_once('@').ok_or_else(fault)?;
    let domain = domain.to_ascii_lowercase();
    if local.len() + domain.len() < 254 && is_domain(&domain) && is_local(local, &domain) {
        Ok(format!("{local}@{domain}"))
    } else {
        Err(fault())
    }
}

fn is_local(local: &str, domain: &str) -> bool {
    let atoms = local
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&b));
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    !local.is_empty() && local.len() <= 64 && atoms && (!dots || LAX_DOMAINS.contains(&domain))
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.')
        && domain.split('.').all(label)
        && top.len() >= 2
        && !top.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{email, phone, phone_digits, postal_code};

    #[test]
    fn postal_codes_take_one_form() {
        for value in [
            "190-0023",
            "1900023",
            "〒190-0023",
            "１９０－００２３",
            " 190 0023 ",
            "190ー0023",
        ] {
            assert_eq!(postal_code(value).unwrap(), "190-0023", "{value}");
        }
        for bad in ["", "190-002", "190-00233", "19O-0023", "〒"] {
            assert_eq!(postal_code(bad).unwrap_err().code, "postal_code", "{bad}");
        }
    }

    #[test]
    fn phones_keep_or_get_their_hyphens() {
        for (value, expected) in [
            ("042-524-5171", "042-524-5171"),
            ("０４２（５２４）５１７１", "042-524-5171"),
            ("0425245171", "0425245171"),
            ("0353211111", "03-5321-1111"),
            ("09012345678", "090-1234-5678"),
            ("060 1234 5678", "060-1234-5678"),
            ("0120123456", "0120-123-456"),
            ("+81 42-524-5171", "042-524-5171"),
            ("+81 90 1234 5678", "090-1234-5678"),
            ("04992-2-1234", "04992-2-1234"),
        ] {
            assert_eq!(phone(value).unwrap(), expected, "{value}");
        }
        assert_eq!(phone_digits("042-524-5171"), phone_digits("0425245171"));
    }

    #[test]
    fn free_dial_0800_has_eleven_digits() {
        assert_eq!(phone("08001234567").unwrap(), "0800-123-4567");
        assert_eq!(phone("0800-123-4567").unwrap(), "0800-123-4567");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for bad in [
            "",
            "524-5171",
            "110",
            "042-524-517",
            "090-1234-567",
            "0012345678",
            "+1 212 555 0100",
            "042-524-5171内線3",
        ] {
            assert_eq!(phone(bad).unwrap_err().code, "phone", "{bad}");
        }
    }

    #[test]
    fn mail_addresses_are_checked() {
        assert_eq!(
            email(" ｈａｎａｋｏ＠Example.JP ").unwrap(),
            "hanako@example.jp"
        );
        assert_eq!(email("a..b.@docomo.ne.jp").unwrap(), "a..b.@docomo.ne.jp");
        assert_eq!(
            email("o'hara+x@sub.example.co.jp").unwrap(),
            "o'hara+x@sub.example.co.jp"
        );
        for bad in [
            "",
            "a",
            "@example.jp",
            "a@",
            "a@b",
            "a b@example.jp",
            "a..b@example.jp",
            "a@-x.jp",
            "a@1.2.3.4",
            "山@example.jp",
            "a@例え.jp",
        ] {
            assert_eq!(email(bad).unwrap_err().code, "email", "{bad}");
        }
        assert!(email(&format!("{}@example.jp", "a".repeat(65))).is_err());
    }
}
