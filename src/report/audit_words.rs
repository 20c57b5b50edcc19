//! The sentences of the audit.

phrases! { pub(super) Say {
    heading() { en: "Audit: ten ways to be wrong", fr: "Audit : dix façons de se tromper" }
    lead(clear, warning, open) {
        en: "Ten mistakes of published evaluations, examined on this run: {clear} clear, {warning} with a warning, {open} not examined. A light is clear only where something was measured that could have made it a warning.",
        fr: "Dix erreurs des évaluations publiées, examinées sur cette exécution : {clear} sans reproche, {warning} avec avertissement, {open} non examinées. Un voyant n’est au vert que si une mesure aurait pu le faire passer à l’avertissement.",
    }
    question() { en: "What could be wrong", fr: "Ce qui pourrait être faux" }
    state() { en: "State", fr: "État" }
    evidence() { en: "Evidence", fr: "Éléments" }
    clear() { en: "Clear", fr: "Sans reproche" }
    warning() { en: "Warning", fr: "Avertissement" }
    not_examined() { en: "Not examined", fr: "Non examiné" }

    sampling() { en: "The data are not like the network", fr: "Les données ne ressemblent pas au réseau" }
    labels() { en: "The labels are wrong", fr: "Les étiquettes sont fausses" }
    snooping() { en: "What is judged was seen before", fr: "Ce qui est jugé a été vu avant" }
    spurious() { en: "An artefact carries the result", fr: "Un artefact porte le résultat" }
    parameters() { en: "The parameters suit this window", fr: "Les paramètres conviennent à cette seule fenêtre" }
    baseline() { en: "The comparison is too easy", fr: "La comparaison est trop facile" }
    measures() { en: "The measure flatters", fr: "La mesure flatte" }
    base_rate() { en: "Attacks are rarer than here", fr: "Les attaques sont plus rares qu’ici" }
    laboratory() { en: "It only works in the laboratory", fr: "Cela ne marche qu’en laboratoire" }
    threat() { en: "An attacker adapts", fr: "L’attaquant s’adapte" }

    no_time() { en: "The table has no time: days cannot be counted.", fr: "Le tableau est sans date : les jours ne peuvent être comptés." }
    covered(training, judged, gaps, hours) {
        en: "{training} days to learn from, {judged} judged; {gaps} of {hours} source hours have no row.",
        fr: "{training} jours d’apprentissage, {judged} jugés ; {gaps} des {hours} heures des sources sont sans ligne.",
    }
    short() { en: "Fewer than 7 days do not hold every weekday.", fr: "Moins de 7 jours n’ont pas chaque jour de la semaine." }
    unequal() { en: "Few entities make most of the alerts.", fr: "Peu d’entités font la plupart des alertes." }
    no_labels() { en: "There are no labels for the alerts.", fr: "Il n’y a pas d’étiquettes pour les alertes." }
    unknown(alerts, units) {
        en: "{alerts} alerts of the pick have no label, nor have {units} judged units.",
        fr: "{alerts} alertes du candidat retenu sont sans étiquette, ainsi que {units} unités jugées.",
    }
    once(count) {
        en: "{count} judged units are labelled, none twice: how often labels are wrong is not known.",
        fr: "{count} unités jugées sont étiquetées, aucune deux fois : on ignore combien d’étiquettes sont fausses.",
    }
    read_once(count) {
        en: "{count} alerts were read, none of them twice, so how often a reading is wrong is not known.",
        fr: "{count} alertes ont été lues, aucune deux fois : on ignore combien de lectures sont fausses.",
    }
    few_twice(count) {
        en: "{count} alerts were read twice: too few to tell how far analysts agree.",
        fr: "{count} alertes ont été lues deux fois : trop peu pour dire à quel point les analystes s’accordent.",
    }
    disagree(count, kappa, limit) {
        en: "On {count} alerts that were read twice analysts hardly agree (Cohen’s kappa {kappa}, below {limit}).",
        fr: "Sur {count} alertes lues deux fois, les analystes s’accordent peu (kappa de Cohen {kappa}, sous {limit}).",
    }
    agree(count, all, kappa) {
        en: "{count} of {all} alerts that were read were read twice, and analysts agree (Cohen’s kappa {kappa}).",
        fr: "{count} des {all} alertes lues l’ont été deux fois, et les analystes s’accordent (kappa de Cohen {kappa}).",
    }
    suppressed_afterwards() {
        en: "Rules that suppress alerts were written when the results were known.",
        fr: "Des règles qui écartent des alertes ont été écrites une fois les résultats connus.",
    }
    identifiers(fields) {
        en: "These fields tell which entity or row a unit is, not what it does: {fields}.",
        fr: "Ces champs disent de quelle entité ou ligne il s’agit, et non ce qu’elle fait : {fields}.",
    }
    varied(half, same, double) {
        en: "With its main parameter halved the pick catches {half} incidents, as it is {same}, doubled {double}.",
        fr: "Avec son paramètre principal divisé par deux, le candidat retenu détecte {half} incidents ; tel quel, {same} ; doublé, {double}.",
    }
    declared(prevalence, precision, declared, there) {
        en: "{prevalence} of the judged units are attacks, and {precision} of the alerts are right; at the declared prevalence of {declared}, {there} would be.",
        fr: "{prevalence} des unités jugées sont des attaques et {precision} des alertes sont fondées ; à la prévalence déclarée de {declared}, {there} le seraient.",
    }
    in_sample() { en: "Every unit was scored by detectors that had learned from it.", fr: "Chaque unité a été notée par des détecteurs qui l’avaient apprise." }
    looks_forward() { en: "Planted events changed the training part: some field looks forward.", fr: "Des événements insérés ont modifié la partie d’apprentissage : un champ regarde vers l’avenir." }
    looks_back() { en: "Planted events changed nothing in the training part.", fr: "Des événements insérés n’ont rien changé à la partie d’apprentissage." }
    opened(count) { en: "The judged part was opened {count} times.", fr: "La partie jugée a été ouverte {count} fois." }
    opened_once() { en: "All training lies before what is judged, which was opened once.", fr: "Tout l’apprentissage précède la partie jugée, ouverte une seule fois." }
    no_drivers() { en: "The pick does not tell which fields drive its alerts.", fr: "Le candidat retenu ne dit pas quels champs déterminent ses alertes." }
    carried(share, count, field) {
        en: "{field} drives {share} of {count} alerts, more than any other field.",
        fr: "{field} détermine {share} des {count} alertes, plus que tout autre champ.",
    }
    no_pick() { en: "No contender was picked.", fr: "Aucun candidat n’a été retenu." }
    one_setting() {
        en: "The pick’s main parameter was not varied: `evaluate.study: [sensitivity]` would tell.",
        fr: "Le paramètre principal du candidat retenu n’a pas été varié : `evaluate.study: [sensitivity]` le dirait.",
    }
    seeds(count, low, high) { en: "With {count} seeds the pick catches {low} to {high} incidents.", fr: "Avec {count} graines, le candidat retenu détecte de {low} à {high} incidents." }
    no_controls() { en: "No control was run.", fr: "Aucun témoin n’a été exécuté." }
    no_rule() { en: "There is no current rule to compare with.", fr: "Il n’y a pas de règle actuelle à laquelle comparer." }
    compared(rule, field) {
        en: "Compared with {rule}, a random order, and every field alone (best: {field}).",
        fr: "Comparé à {rule}, à un ordre aléatoire et à chaque champ pris seul (le meilleur : {field}).",
    }
    no_incidents() { en: "Without labelled incidents nothing tells what fewer alerts cost.", fr: "Sans incidents étiquetés, rien ne dit ce que coûtent moins d’alertes." }
    no_criteria() { en: "No criterion was written before the run.", fr: "Aucun critère n’a été écrit avant l’exécution." }
    only_fewer() { en: "Criteria ask for fewer alerts, none for incidents kept.", fr: "Les critères demandent moins d’alertes, aucun de garder les incidents." }
    judged_on(measured, all) {
        en: "Fewer alerts are read beside incidents kept, on intervals: {measured} of {all} criteria were measured.",
        fr: "Moins d’alertes se lit avec les incidents gardés, sur des intervalles : {measured} des {all} critères ont été mesurés.",
    }
    precision(prevalence, precision, rarer) {
        en: "{prevalence} of the judged units are attacks, and {precision} of the alerts are right; where attacks are ten times rarer, {rarer} would be.",
        fr: "{prevalence} des unités jugées sont des attaques et {precision} des alertes sont fondées ; si les attaques sont dix fois plus rares, {rarer} le seraient.",
    }
    synthetic() { en: "The data are synthetic: they say nothing about a real network.", fr: "Les données sont synthétiques : elles ne disent rien d’un réseau réel." }
    no_drift() { en: "No field could be compared between the parts.", fr: "Aucun champ n’a pu être comparé entre les parties." }
    steady(count) { en: "None of {count} fields shifts between what is learned and what is judged.", fr: "Aucun des {count} champs ne se décale entre l’apprentissage et la partie jugée." }
    shifted(fields, limit) {
        en: "Between what is learned and what is judged these fields shift (stability index above {limit}): {fields}.",
        fr: "Entre l’apprentissage et la partie jugée, ces champs se décalent (indice de stabilité au-dessus de {limit}) : {fields}.",
    }
    no_plants() { en: "No attack was planted: `inject` would tell.", fr: "Aucune attaque n’a été insérée : `inject` le dirait." }
    no_evasion() {
        en: "Planted attacks are caught, but it takes both one that splits its volume (`slow_drip`) and one that hides in a popular destination (`destination: popular`) to tell.",
        fr: "Les attaques insérées sont détectées, mais il en faut à la fois une qui fractionne son volume (`slow_drip`) et une qui se cache dans une destination populaire (`destination: popular`) pour le dire.",
    }
    escapes(names) { en: "At no strength that was tried is it shown that the pick catches half of: {names}.", fr: "À aucune intensité essayée il n’est établi que le candidat retenu en détecte la moitié : {names}." }
    caught(names) { en: "The pick catches, from some strength on: {names}.", fr: "Le candidat retenu détecte, à partir d’une certaine intensité : {names}." }
} }
