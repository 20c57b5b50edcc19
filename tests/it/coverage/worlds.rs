//! The worlds of the long run.

use gonogo::spec::Policy;

use super::world::{GRADED, JUST_FAILS, NOISE, USUAL, World};

pub fn all() -> Vec<World> {
    let mut worlds = Vec::new();
    for policy in [Policy::Top, Policy::Threshold] {
        for (name, entities, days) in [
            ("15 x 4", 15, 4),
            ("15 x 14", 15, 14),
            ("60 x 4", 60, 4),
            ("60 x 7", 60, 7),
            ("60 x 14", 60, 14),
            ("300 x 4", 300, 4),
            ("300 x 14", 300, 14),
        ] {
            worlds.push(World { name, entities, days, policy, ..USUAL });
        }
        worlds.push(World { name: "60 x 14 graded", lift: GRADED, policy, ..USUAL });
        worlds.push(World { name: "60 x 14, 8 incidents", incidents: 8, policy, ..USUAL });
        worlds.push(World { name: "60 x 14, 40 incidents", incidents: 40, policy, ..USUAL });
        worlds.push(World { name: "60 x 14 very unequal", spread: 1.5, policy, ..USUAL });
        worlds.push(World { name: "15 x 14 very unequal", entities: 15, spread: 1.5, policy, ..USUAL });
        worlds.push(World { name: "60 x 14, no swing", swing: 0.0, levels: (0.4, 0.0), policy, ..USUAL });
        worlds.push(World { name: "60 x 14, 40 incidents, just fails", incidents: 40, lift: JUST_FAILS, policy, ..USUAL });
        worlds.push(World { name: "60 x 14, noise", lift: NOISE, policy, ..USUAL });
    }
    // Two settings that the interval study leaves open, for its widths (see `published`).
    let levels = |name, entities, days, levels| World { name, entities, days, levels, policy: Policy::Threshold, ..USUAL };
    for (name, entities, days) in [
        ("15 x 4, calmer", 15, 4),
        ("15 x 14, calmer", 15, 14),
        ("60 x 4, calmer", 60, 4),
        ("60 x 14, calmer", 60, 14),
        ("300 x 4, calmer", 300, 4),
        ("300 x 14, calmer", 300, 14),
    ] {
        worlds.push(levels(name, entities, days, (0.3, 0.25)));
    }
    worlds.push(levels("60 x 4, days alike", 60, 4, (0.75, 0.08)));
    worlds.push(levels("300 x 4, days alike", 300, 4, (0.75, 0.08)));
    worlds
}
