//! The ten ways in which published evaluations of learning in security go wrong (Arp, Quiring, Pendlebury, Warnecke, Pierazzi, Wressnegger,
//! Cavallaro, Rieck: Dos and Don'ts of Machine Learning in Computer Security, USENIX Security 2022), as the audit looks for each.
//!
//! # sampling: the data are not like the network
//! What is measured holds for what was logged. The light warns below a week of training or of judged days, where hours without any row are in
//! the majority, and where few entities make most of the alerts. What to do: a longer window, every weekday in both parts, the silent hours explained.
//!
//! # labels: the labels are wrong
//! Labels come from people, tickets, or a rule, and some are wrong. The light warns where alerts or units have no label, and where analysts who read the
//! same alerts hardly agree (Cohen's kappa below 0.6). What to do: let two analysts read the same twenty alerts (`gonogo review`).
//!
//! # snooping: what is judged was seen before
//! A figure on days that were looked at while fields and methods were chosen flatters. The light warns where the judged part was opened more than
//! once, where detectors learned from what they score, where a field looks forward (planted attacks tell), and where rules that suppress alerts were written
//! with the results in hand. What to do: keep the last days away from everybody, and judge once.
//!
//! # spurious: an artefact carries the result
//! A detector may find the logger instead of the attack. The light warns where one field drives more than half of the alerts, and where a field tells
//! who a unit is instead of what it does. What to do: read the events behind ten alerts, take the field out, run again.
//!
//! # parameters: the parameters suit this window
//! The light warns where another seed, or half or twice the main parameter, changes what is caught. What to do: `evaluate: { study: [sensitivity,
//! stability] }`, and a method that does not hang on either.
//!
//! # baseline: the comparison is too easy
//! Machine learning is often compared with nothing. Here every run holds a random ranking and every field alone against it, and the light warns where the rule
//! in place is missing. What to do: write the rule as it is today into `baseline`.
//!
//! # measures: the measure flatters
//! Fewer alerts are no gain by themselves. The light warns where no criterion is asked, or only fewer alerts and nothing about the incidents kept.
//! What to do: ask for `recall_kept` or `incidents_missed` beside `fp_reduction`.
//!
//! # base-rate: attacks are rarer than here
//! Precision falls with the share of attacks. The light shows what is left of it at the prevalence that `evaluate.prevalence` declares, else where
//! attacks are ten times rarer, and warns where hardly one alert in twenty would be right. What to do: declare the prevalence of production.
//!
//! # laboratory: it only works in the laboratory
//! The light warns on synthetic data, and where fields drift between the training and the judged part. What to do: real logs, a later window, and the
//! study `ageing`, which tells how soon it must learn again.
//!
//! # threat: an attacker adapts
//! Whoever knows of the detector splits the volume and hides in popular places. The light is clear only where `slow_drip` and a popular destination
//! were planted and caught, and warns where something planted escapes at every strength. What to do: `inject` (`gonogo list behaviours`).
