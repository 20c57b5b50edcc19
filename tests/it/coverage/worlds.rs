//! The worlds of the long run.

use gonogo::spec::Policy;

use super::world::{GRADED, JUST_FAILS, NOISE, ONE_SWING, USUAL, World};

pub fn all() -> Vec<World> {
    let mut worlds = Vec::new();
    for policy in [Policy::Top, Policy::Threshold] {
        for (name, entities, days) in [
            ("15 x 4, one swing", 15, 4),
            ("15 x 14, one swing", 15, 14),
            ("60 x 4, one swing", 60, 4),
            ("60 x 14, one swing", 60, 14),
            ("300 x 4, one swing", 300, 4),
            ("300 x 14, one swing", 300, 14),
        ] {
            worlds.push(World { name, entities, days, policy, ..ONE_SWING });
        }
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
    worlds
}
