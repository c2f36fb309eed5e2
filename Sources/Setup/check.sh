#!/bin/sh
# Prints in one line why make must not run these goals; prints nothing if it may.
#
# Usage: check.sh GOALS GIVEN EMPTY
#
# GOALS are the targets asked for, GIVEN the variables set on make's command line, EMPTY those of
# them with an empty value; each is a list of words. Targets and variables are in targets.txt.
#
# A variable of the goal that is set only in the environment is refused too. Using it would let
# leftovers of another program (MODEL, N, OUT) change a result; ignoring it would ignore what the
# user wrote in front of `make`.
set -eu
exec awk -v goals="$1" -v given="$2" -v empty="$3" -F ' *[|] *' '
  function smallest(a, b, c) { return a < b ? (a < c ? a : c) : (b < c ? b : c) }

  # The number of letters to change to turn one word into the other; two swapped neighbours count as
  # one, and case and dashes do not count.
  function distance(a, b,   i, j, m, n, d, cost) {
    a = toupper(a); b = toupper(b)
    gsub(/-/, "_", a); gsub(/-/, "_", b)
    m = length(a); n = length(b)
    for (i = 0; i <= m; i++) d[i, 0] = i
    for (j = 0; j <= n; j++) d[0, j] = j
    for (i = 1; i <= m; i++)
      for (j = 1; j <= n; j++) {
        cost = substr(a, i, 1) != substr(b, j, 1)
        d[i, j] = smallest(d[i-1, j] + 1, d[i, j-1] + 1, d[i-1, j-1] + cost)
        if (i > 1 && j > 1 && substr(a, i, 1) == substr(b, j-1, 1) &&
            substr(a, i-1, 1) == substr(b, j, 1) && d[i-2, j-2] + 1 < d[i, j])
          d[i, j] = d[i-2, j-2] + 1
      }
    return d[m, n]
  }

  # The nearest word of a list, as a phrase; empty if none is near.
  function guess(word, list,   i, n, names, best, least, far) {
    if (length(word) > 40) return ""
    least = 1 + length(word) / 2
    n = split(list, names, " ")
    for (i = 1; i <= n; i++) {
      far = distance(word, names[i])
      if (far < least) { least = far; best = names[i] }
    }
    return best == "" ? "" : ", perhaps " best
  }

  function holds(list, word) { return index(" " list " ", " " word " ") > 0 }
  function sorted(word,   i, j, n, letters, swap) {
    n = length(word)
    for (i = 1; i <= n; i++) letters[i] = substr(word, i, 1)
    for (i = 2; i <= n; i++)
      for (j = i; j > 1 && letters[j-1] > letters[j]; j--) {
        swap = letters[j]; letters[j] = letters[j-1]; letters[j-1] = swap
      }
    word = ""
    for (i = 1; i <= n; i++) word = word letters[i]
    return word
  }

  function refuse(line) { print line; refused = 1; exit }

  # The targets that have a variable, as a phrase.
  function elsewhere(name,   i, found, count) {
    for (i = 1; i <= targetCount; i++)
      if (holds(variables[targets[i]], name)) {
        if (++count > 4) return " (" found ", … have it)"
        found = found (found == "" ? "" : ", ") targets[i]
      }
    return found == "" ? "" : " (" found (count > 1 ? " have it)" : " has it)")
  }

  function checkGiven(goal,   i, n, names, own, list) {
    own = variables[goal]
    n = split(given, names, " ")
    for (i = 1; i <= n; i++) {
      if (holds(own, names[i]) || holds(always, names[i])) continue
      list = own
      gsub(/ /, ", ", list)
      refuse("make " goal " has no variable " names[i] elsewhere(names[i]) \
        guess(names[i], own " " always) \
        (own == "" ? "; it takes none" : "; its variables: " list))
    }
    n = split(required[goal], names, " ")
    for (i = 1; i <= n; i++)
      if (!holds(given, names[i])) {
        list = required[goal]
        gsub(/ /, "=… ", list)
        refuse("make " goal " needs " names[i] ": make " goal " " list "=…")
      }
  }

  function checkEnvironment(goal,   name, value, i, n, own) {
    # For an experiment, the variables of all experiments are refused.
    n = split(goal ~ /^(exp-|bench)/ ? ofExperiments : variables[goal], own, " ")
    for (name in ENVIRON)
      for (i = 1; i <= n; i++) {
        if (holds(given, own[i])) continue
        # Similar names are refused too: lower case, two letters swapped.
        if (toupper(name) != own[i] &&
            (length(own[i]) < 5 || distance(name, own[i]) > 1 ||
             sorted(toupper(name)) != sorted(own[i]))) continue
        if (!holds(variables[goal], own[i]))
          refuse(name " is set in the environment, and make " goal " has no variable " own[i] \
            elsewhere(own[i]) "; unset " name)
        value = ENVIRON[name]
        if (value !~ /^[A-Za-z0-9._\/,=+-]+$/ || length(value) > 60) value = "…"
        refuse(name " is set in the environment, where make " goal " does not look; give it after" \
          " make: make " goal " " own[i] "=" value " (or unset " name ")")
      }
  }

  /^#/ || NF < 3 { next }
  $1 == "*" { always = $2; next }
  {
    targets[++targetCount] = $1
    known[$1] = 1
    all = all " " $1
    n = split($2, words, " ")
    for (i = 1; i <= n; i++) {
      if (sub(/!$/, "", words[i])) required[$1] = required[$1] (required[$1] == "" ? "" : " ") words[i]
      variables[$1] = variables[$1] (i > 1 ? " " : "") words[i]
      if ($1 ~ /^exp-/ && !holds(ofExperiments, words[i])) ofExperiments = ofExperiments " " words[i]
    }
  }

  END {
    if (refused) exit
    n = split(goals, asked, " ")
    for (i = 1; i <= n; i++)
      if (!(asked[i] in known))
        refuse("make has no target " asked[i] guess(asked[i], all) "; make help lists all")
    for (i = 1; i <= n; i++) checkGiven(asked[i])
    split(empty, names, " ")
    if (1 in names) refuse(names[1] " is empty; leave it out for its default")
    for (i = 1; i <= n; i++) checkEnvironment(asked[i])
  }' "$(dirname "$0")/targets.txt"
