//! Which steps of two rows belong together: a longest common subsequence.

/// How far ahead two rows are compared. What lies farther off says little of the place where they
/// part, and the work grows with the square.
pub(super) const REACH: usize = 120;

/// One line of the alignment, by positions in the two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aligned {
    Both(usize, usize),
    Left(usize),
    Right(usize),
}

/// Aligns two rows, of which at most [`REACH`] elements are looked at.
pub(super) fn align<L, R>(left: &[L], right: &[R], same: impl Fn(&L, &R) -> bool) -> Vec<Aligned> {
    let left = &left[..left.len().min(REACH)];
    let right = &right[..right.len().min(REACH)];
    let width = right.len() + 1;
    let mut longest = vec![0_u32; (left.len() + 1) * width];
    for l in (0..left.len()).rev() {
        for r in (0..right.len()).rev() {
            longest[l * width + r] = match same(&left[l], &right[r]) {
                true => longest[(l + 1) * width + r + 1] + 1,
                false => longest[(l + 1) * width + r].max(longest[l * width + r + 1]),
            };
        }
    }
    let (mut l, mut r, mut aligned) = (0, 0, Vec::new());
    while l < left.len() || r < right.len() {
        if l < left.len() && r < right.len() && same(&left[l], &right[r]) {
            aligned.push(Aligned::Both(l, r));
            (l, r) = (l + 1, r + 1);
        } else if r == right.len()
            || (l < left.len() && longest[(l + 1) * width + r] > longest[l * width + r + 1])
        {
            aligned.push(Aligned::Left(l));
            l += 1;
        } else {
            aligned.push(Aligned::Right(r));
            r += 1;
        }
    }
    aligned
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &str, right: &str, expected: &str) {
        let (left, right): (Vec<_>, Vec<_>) = (left.chars().collect(), right.chars().collect());
        let aligned = align(&left, &right, |l, r| l == r).into_iter();
        let aligned: String = aligned
            .map(|it| match it {
                Aligned::Both(l, _) => format!("={}", left[l]),
                Aligned::Left(l) => format!("-{}", left[l]),
                Aligned::Right(r) => format!("+{}", right[r]),
            })
            .collect();
        assert_eq!(aligned, expected);
    }

    #[test]
    fn common_steps_stand_together() {
        check("abc", "abc", "=a=b=c");
        check("abc", "ac", "=a-b=c");
        check("ac", "abc", "=a+b=c");
        check("ab", "", "-a-b");
        check("", "ab", "+a+b");
        check("xab", "yab", "+y-x=a=b");
    }

    #[test]
    fn long_rows_are_cut() {
        let many = vec![1; 10_000];
        assert_eq!(align(&many, &many, |l, r| l == r).len(), REACH);
    }
}
