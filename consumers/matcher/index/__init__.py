"""Which of very many rules a filing may meet, found without asking each of them.

What a rule asks for is taken apart (`parts`): *scope*, the watchlists that it names; *form*, what else it asks for; and
*limit*, the number of one threshold. Rules that ask for the same are one condition. Conditions are numbered so that
those of a form stand together, by their limits: those that a filing meets are then one stretch of numbers, however many
they are, and where it ends is found by bisection.

The entries of a watchlist (`scope`) lead to the conditions that name it, in the order of their numbers. So a filing
costs a few steps for each form among the rules that watch its issuer, however many rules those are, and what is asked
of its rows is asked once, not once a rule (`search`). What is found may be too much (names, several sums, one and the
same owner), and never too little: whoever is found is held against the filing by its own predicates.

Nothing here holds an object for each rule (`texts`, `level`): the garbage collector has nothing to look at, and a
million rules take about as much memory as their names, ids and watchlists have letters. Predicates are made when a
rule is met.
"""
