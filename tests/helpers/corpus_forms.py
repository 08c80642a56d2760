"""The forms of the corpus, rows as `corpus.compile_corpus_form` reads them."""

FORMS = {
    "numbers against numbers": """
        integer | a |  |  | . > 0 and . <= 17
        decimal | b |  | ${a} > 1 | . != ${a} | ${a} = 2
        calculate | sum | ${a} + ${b} * 2 - 1
        calculate | ratio | ${a} div ${b}
        calculate | rest | ${a} mod 3
        text | why |  | ${sum} >= 4 or ${ratio} < 0
    """,
    "numbers against text": """
        integer | a
        text | t |  | ${a} = '1' or ${a} = 2 | . = ${a}
        text | u |  | ${t} > 1 | . >= 2
        calculate | c | ${t} + 1
        calculate | d | ${t} = ${u}
        calculate | e | -${t}
    """,
    "nothing and not a number": """
        integer | a
        text | t |  | ${a} != ''
        text | u |  | ${a} = 0 | string-length(.) > 0 | not(${a} > 0)
        calculate | c | ${a} = ''
        calculate | d | number(${a}) = number(${a})
        calculate | e | boolean(${a})
        calculate | f | coalesce(${a}, ${t})
        calculate | g | if(${a}, 'some', 'none')
    """,
    "truth": """
        select_one yesno | y
        text | t |  | ${y} = 'yes' and not(${y} = 'no') | true() | true()
        text | u |  | ${y} = 'no' or false() | false() | false()
        calculate | c | boolean-from-string(${t})
        calculate | d | ${y} = 'yes' or ${t} = 'yes'
        calculate | e | string(${y} = 'yes')
        calculate | f | (${y} = 'yes') + 1
        calculate | g | true() = 'false'
    """,
    "dates against dates": """
        date | a |  |  | . <= today() and . >= date('2000-01-01')
        date | b |  | ${a} != '' | . > ${a}
        dateTime | c |  | ${b} = '2024-02-29' | . >= ${a}
        calculate | days | ${b} - ${a}
        calculate | age | int((date('2026-11-23') - ${a}) div 365.25)
        calculate | same | ${c} = ${a}
        calculate | text | concat('[', ${a}, ']')
        calculate | n | number(${a})
    """,
    "times": """
        time | a |  |  | . != ''
        time | b |  | ${a} != ''
        calculate | same | ${a} = ${b}
        calculate | h | format-date-time(${a}, '%H:%M:%S.%3')
        calculate | later | ${a} < ${b}
        calculate | dec | round(decimal-time(${a}), 6)
    """,
    "dates in other forms": """
        date | a
        dateTime | b
        calculate | f | format-date(${a}, '%Y/%m/%d %n.%e.%y')
        calculate | g | format-date-time(${b}, '%Y-%m-%d %H:%M:%S.%3 %h%%')
        calculate | h | decimal-date-time(${b})
        calculate | i | decimal-date-time(${a})
        calculate | j | date(${a} + 30)
        calculate | k | format-date(date(${a} + 30), '%d/%m/%Y')
        calculate | l | if(${a} = '', '', date-time(decimal-date-time(${a}) + 0.5))
        calculate | m | date(${b}) = ${a}
        date | n |  |  | format-date(., '%Y') = '2024'
    """,
    "dates from text": """
        text | t
        calculate | d | date(${t})
        calculate | e | date-time(${t})
        text | u |  | date(${t}) > date('2020-01-01') | date(.) < today()
        calculate | f | format-date(${t}, '%Y')
    """,
    "pieces of text": """
        text | t |  |  | string-length(.) < 6
        text | u |  | contains(${t}, 'n') | starts-with(., 'y') or ends-with(., 'o')
        calculate | a | substr(${t}, 1, 3)
        calculate | b | substr(${t}, -2)
        calculate | c | substring-before(${t}, ' ')
        calculate | d | substring-after(${t}, ' ')
        calculate | e | translate(${t}, 'abcnh', 'ABC')
        calculate | f | normalize-space(concat('  ', ${t}, '   ', ${u}, ' '))
        calculate | g | join(', ', ${t}, ${u}, 1, true())
        calculate | h | concat(${t}, 1.5, 1000000000, ${u})
        calculate | i | string-length(${t})
    """,
    "patterns": """
        text | id |  |  | regex(., '[0-9]{12}') and substr(., 0, 3) <= 96
        text | phone |  |  | regex(., '^0[35789][0-9]{8}$')
        text | name |  |  | regex(., '\\p{L}+( \\p{L}+)*')
        text | code |  | regex(${id}, '\\d+') | regex(., '(?i)[a-z]+')
        calculate | c | regex(${name}, '.*\\s.*')
        calculate | d | regex(${name}, ${code})
    """,
    "selections": """
        select_multiple place | m |  |  | not(selected(., '001') and count-selected(.) > 1)
        select_one yesno | y |  | selected(${m}, '11') | . = 'yes' | selected(${m}, '12')
        calculate | n | count-selected(${m})
        calculate | first | selected-at(${m}, 0)
        calculate | third | selected-at(${m}, 2)
        calculate | has | is-selected(${m}, ' 21 ')
        calculate | none | selected(${m}, '')
    """,
    "names of choices": """
        select_one sex | s
        select_one place | p |  |  |  |  | area = ${s}
        select_multiple place | m
        calculate | a | jr:choice-name(${s}, '${s}')
        calculate | b | jr:choice-name(${p}, '${p}')
        calculate | c | jr:choice-name(selected-at(${m}, 1), '${m}')
        calculate | d | jr:choice-name('9', '${s}')
    """,
    "filters": """
        select_one sex | s
        integer | w
        select_one place | a |  |  |  |  | area = ${s}
        select_one place | b |  |  |  |  | weight <= ${w}
        select_one place | c |  |  |  |  | area = ${s} and weight = ${w}
        select_multiple place | d |  |  |  |  | area = ${s} or name = '001'
        select_one place | e |  |  |  |  | ${s} != '' and selected(${d}, name)
        select_one place | f |  |  |  |  | weight = 5
    """,
    "lists": """
        select_one place | p
        integer | w
        calculate | a | instance('place')/root/item[name = ${p}]/weight
        calculate | b | instance('place')/root/item[name = ${p}]/weight * 2
        calculate | c | count(instance('place')/root/item[area = ${w}])
        calculate | d | sum(instance('place')/root/item[area = ${w}]/weight)
        calculate | e | instance('place')/root/item[weight = ${w} and area = 1]/name
        calculate | f | join(' ', instance('place')/root/item[position() <= ${w}]/name)
        calculate | g | instance('place')/root/item[name = ${p}][position() = 1]/nothing
        calculate | h | jr:itext(instance('place')/root/item[name = ${p}]/itextId)
        text | t |  | instance('place')/root/item[name = current()/../p]/area = 1
    """,
    "groups switched off": """
        select_one yesno | y
        begin group | g |  | ${y} = 'yes'
        integer | a |  |  | . > 1 | true()
        begin group | h |  | ${a} > 1
        text | b |  |  | . != 'no'
        calculate | c | concat(${b}, '!')
        end group
        end group
        calculate | seen | concat(${a}, '/', ${b}, '/', ${c})
        text | after |  | ${b} = 'An' |  | ${a} = 2
        calculate | counted | count(${b})
    """,
    "repeats": """
        begin repeat | rep
        text | name |  |  | . != 'no' | position(..) = 1
        integer | k |  | ${name} != '' | . < 18
        calculate | pos | position(..)
        calculate | all | count(../../rep)
        calculate | label | concat(${pos}, '. ', ${name}, ' ', ${k})
        end repeat
        calculate | n | count(${rep})
        calculate | total | sum(${k})
        calculate | most | max(${k})
        calculate | least | min(${k})
        calculate | names | join(', ', ${name})
        calculate | filled | count-non-empty(${name})
        text | t |  | ${total} > 3 | count(${rep}) > 1
    """,
    "repeats in repeats": """
        begin repeat | house
        text | name
        begin repeat | person
        integer | age |  |  | . >= 0
        calculate | where | concat(position(../..), '-', position(..), ${name})
        text | note |  | ${age} < count(${person})
        end repeat
        calculate | n | count(${person})
        calculate | sum | sum(${age})
        end repeat
        calculate | all | count(${person})
        calculate | sum_all | sum(${age})
        calculate | oldest | max(${age})
    """,
    "absolute paths in repeats": """
        integer | k
        begin repeat | rep
        integer | a
        calculate | own | /data/rep/a
        calculate | up | /data/k + ${a}
        calculate | one | count(/data/rep)
        calculate | here | position(/data/rep)
        text | t |  | /data/rep/a > /data/k | /data/rep/t != 'no'
        end repeat
        calculate | outside | count(/data/rep/a)
    """,
    "several nodes where one is wanted": """
        begin repeat | rep
        integer | a
        end repeat
        calculate | c | ${a} + 1
        text | t |  |  | . = ${a}
        calculate | d | concat(${a}, 'x')
        calculate | e | if(count(${rep}) = 1, ${a}, 'many')
    """,
    "one of the instances": """
        integer | i
        begin repeat | rep
        text | name
        integer | a |  | ${name} != 'no'
        calculate | before | indexed-repeat(${name}, ${rep}, position(..) - 1)
        end repeat
        calculate | first | indexed-repeat(${name}, ${rep}, 1)
        calculate | nth | indexed-repeat(${a}, ${rep}, ${i})
    """,
    "predicates": """
        integer | i
        begin repeat | rep
        text | name
        integer | a
        calculate | same | count(/data/rep[name = current()/../name])
        calculate | earlier | count(../../rep[position() < position(current()/..)]/a)
        end repeat
        calculate | nth | /data/rep[position() = /data/i]/name
        calculate | big | count(/data/rep[a > /data/i])
        calculate | yes | join(' ', /data/rep[name = 'yes' and a != '']/a)
        calculate | number | count(/data/rep[1])
        calculate | second | /data/rep[a > 1][position() = 1]/name
    """,
    "checklists": """
        select_one yesno | a
        select_one yesno | b
        integer | w
        calculate | c | checklist(1, 2, ${a} = 'yes', ${b} = 'yes', ${w} > 2)
        calculate | d | checklist(-1, 1, ${a}, ${b})
        calculate | e | weighted-checklist(2, 5, ${a} = 'yes', 2, ${b} = 'yes', ${w})
        text | t |  | checklist(${w}, -1, ${a} = 'yes', ${b} = 'yes')
    """,
    "rounding": """
        decimal | a
        integer | p
        calculate | r | round(${a})
        calculate | s | round(${a}, 1)
        calculate | t | round(${a} * 100, -1)
        calculate | u | int(${a})
        calculate | v | round(${a} div 3, ${p})
        calculate | w | abs(${a})
        calculate | x | number(${a}) * 1000000000
        calculate | y | ${a} div 1000000
    """,
    "higher mathematics": """
        decimal | a |  |  | sqrt(.) < 5
        integer | b
        calculate | c | round(pow(${a}, 2), 6)
        calculate | d | round(sqrt(${a}), 6)
        calculate | e | round(log10(${b}), 6)
        calculate | f | round(exp(${b}), 3)
        calculate | g | round(sin(${a}) + cos(${a}) + tan(${a}), 6)
        calculate | h | round(atan2(${a}, ${b}), 6)
        calculate | i | round(log(${a}), 6)
        calculate | j | exp10(2) + round(pi(), 4)
        calculate | k | round(asin(${a}) + acos(${a}) + atan(${a}), 6)
    """,
    "places": """
        geopoint | p
        geotrace | l
        geoshape | s
        calculate | a | round(area(${s}), 0)
        calculate | d | round(distance(${l}), 0)
        calculate | e | round(distance(${p}, '21.0 105.8 0 0'), 0)
        text | t |  | geofence(${p}, ${s})
        calculate | f | selected-at(${p}, 0)
        calculate | g | string-length(${l})
        geopoint | q |  |  | selected-at(., 3) < 10
    """,
    "points of a repeat": """
        begin repeat | corner
        geopoint | p
        end repeat
        calculate | a | round(area(${p}), 0)
        calculate | d | round(distance(${p}), 0)
    """,
    "digests": """
        text | t
        calculate | a | digest(${t}, 'MD5', 'hex')
        calculate | b | digest(concat('muối', ${t}), 'SHA-256')
        calculate | c | substr(digest(${t}, 'SHA-1', 'hex'), 0, 8)
        calculate | d | base64-decode(${t})
        calculate | e | base64-decode('xJDhurduZw==')
    """,
    "once and for all": """
        text | t
        calculate | a | once(${t})
        calculate | b | once('new')
        integer | i
        calculate | v | version()
        calculate | d | depend(${t}, ${i})
    """,
    "orders by chance": """
        integer | seed
        begin repeat | rep
        text | a
        end repeat
        calculate | o | join(' ', randomize(${a}, 42))
        calculate | p | if(${seed} != '', join('-', randomize(${a}, ${seed})), '')
        calculate | q | join(' ', randomize(instance('place')/root/item/name, 7))
        select_one place | x
    """,
    "the own value": """
        integer | a |  |  | . > 1 and (. < 10 or . = 18) and string-length(.) < 3
        text | t |  |  | string-length() > 1 and normalize-space() = .
        date | d |  |  | . > '2020-01-01'
        date | e |  |  | . > date('2020-01-01') and (today() - .) < 10000
        decimal | f |  |  | . * 10 = int(. * 10)
        select_multiple sex | m |  |  | count-selected(.) = 1 or selected(., '2')
    """,
    "answers of every type": """
        decimal | a
        barcode | c |  | ${a} > 0
        image | f |  | ${a} != ''
        acknowledge | k |  | ${c} = '1' |  | ${a} = 1
        calculate | x | concat(${a}, '/', ${c}, '/', ${k})
        text | t |  | ${k} = 'OK'
    """,
}
