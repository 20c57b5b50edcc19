//! Tables of pairs that several fields share.

use super::{
    batch::Batch,
    footprint::Footprint,
    inputs::{CodesId, GroupingId, MaskId},
    pairs::{NO_SPAN, Pairs, Span},
    used::Used,
};

/// What a field needs to know of each pair, besides that it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Need {
    pub(crate) counts: bool,
    pub(crate) spans: bool,
}

impl Need {
    /// That it is there.
    pub(crate) const PRESENCE: Self = Self { counts: false, spans: false };
    /// How many events.
    pub(crate) const COUNTS: Self = Self { counts: true, spans: false };
    /// When first and last.
    pub(crate) const SPANS: Self = Self { counts: false, spans: true };
}

/// The pairs of one kind of groups and one kind of values.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    codes: CodesId,
    grouping: GroupingId,
    mask: Option<MaskId>,
    pairs: Store,
}

#[derive(Debug, Clone)]
enum Store {
    Presence(Pairs<()>),
    Counts(Pairs<u64>),
    Spans(Pairs<Span>),
    Both(Pairs<(u64, Span)>),
}

impl Store {
    fn for_need(need: Need) -> Self {
        match (need.counts, need.spans) {
            (false, false) => Self::Presence(Pairs::default()),
            (true, false) => Self::Counts(Pairs::default()),
            (false, true) => Self::Spans(Pairs::default()),
            (true, true) => Self::Both(Pairs::default()),
        }
    }

    fn need(&self) -> Need {
        match self {
            Self::Presence(_) => Need::PRESENCE,
            Self::Counts(_) => Need::COUNTS,
            Self::Spans(_) => Need::SPANS,
            Self::Both(_) => Need { counts: true, spans: true },
        }
    }
}

impl Table {
    /// Makes a table that only knows which pairs there are.
    pub(crate) fn new(codes: CodesId, grouping: GroupingId, mask: Option<MaskId>) -> Self {
        Self { codes, grouping, mask, pairs: Store::for_need(Need::PRESENCE) }
    }

    /// Whether it is the table of these codes in these groups.
    pub(crate) fn is_of(&self, codes: CodesId, grouping: GroupingId, mask: Option<MaskId>) -> bool {
        self.codes == codes && self.grouping == grouping && self.mask == mask
    }

    /// Lets it also know this. To be called before the first batch.
    pub(crate) fn also(&mut self, need: Need) {
        let old = self.pairs.need();
        self.pairs = Store::for_need(Need { counts: old.counts || need.counts, spans: old.spans || need.spans });
    }

    /// Adds a batch.
    pub(crate) fn push(&mut self, batch: &Batch) {
        let groups = &batch.groups[self.grouping.0];
        let codes = &batch.codes[self.codes.0];
        let mask = self.mask.map(|mask| batch.masks[mask.0].as_slice());
        match &mut self.pairs {
            Store::Presence(pairs) => pairs.push(groups, codes, &batch.times, mask),
            Store::Counts(pairs) => pairs.push(groups, codes, &batch.times, mask),
            Store::Spans(pairs) => pairs.push(groups, codes, &batch.times, mask),
            Store::Both(pairs) => pairs.push(groups, codes, &batch.times, mask),
        }
    }

    /// What it holds by now.
    pub(crate) fn footprint(&self) -> Footprint {
        match &self.pairs {
            Store::Presence(pairs) => pairs.footprint(),
            Store::Counts(pairs) => pairs.footprint(),
            Store::Spans(pairs) => pairs.footprint(),
            Store::Both(pairs) => pairs.footprint(),
        }
    }

    /// All pairs.
    pub(crate) fn finish(self) -> Used {
        match self.pairs {
            Store::Presence(pairs) => Used::of(pairs.finish(), Need::PRESENCE, |()| (0, NO_SPAN)),
            Store::Counts(pairs) => Used::of(pairs.finish(), Need::COUNTS, |count| (count, NO_SPAN)),
            Store::Spans(pairs) => Used::of(pairs.finish(), Need::SPANS, |span| (0, span)),
            Store::Both(pairs) => Used::of(pairs.finish(), Need { counts: true, spans: true }, |both| both),
        }
    }
}
