"""What people and spammers write in the data set `kerasrnn_messages`.

Numbers of telephones and addresses of sites are of the kinds that are reserved for examples.
"""

from __future__ import annotations

__all__ = ["ABBREVIATIONS", "DOUBTFUL", "HAM", "RULES", "SPAM"]

# Templates of each kind. A message is of one of them.
HAM = (
    "{hi}{plan_ask}{smile}",
    "{hi}{plan_ask} {because}",
    "{hi}I am {late}, {sorry}.",
    "{hi}I am {late}. {order} for me, will you?",
    "{can} you {favour} {when}?{thanks}",
    "{hi}{can} you {favour}? {because}",
    "{news}{smile} {ask_back}",
    "{news}. {comment}",
    "{feeling}. {ask_back}",
    "{thanks_for}{smile}",
    "{thanks_for} {plan_ask}",
    "{answer}. {plan_say}",
    "{answer}, {plan_say}{smile}",
    "{where_are}? {who} is {waiting}",
    "{work} {when}, {work_more}",
    "{name} says {plan_say}. {comment}",
    "{family} {family_does} {when}. {ask_back}",
    # What sounds like spam and is none.
    "{hi}are you free {when}? Call me, {because_small}",
    "We won {score}! {comment}",
    "{name} won {prize_small} in the school lottery{smile} {comment}",
    "Free {food} at {place} {when}! {ask_back}",
    "I owe you ${small}, I will pay you back {when}",
    "{can} you send me ${small} for the {food}? {who} has paid for all of us",
    "{shop}: your order of {thing} is ready at {place}. Open until {hour}.",
    "{clinic}: your appointment is {when} at {hour}. Call {phone} to change it.",
    "Your code is {code}. Do not tell it to anyone.",
    "{bank}: you paid ${small} at {place} on your card. Not you? Call the number on the card.",
    "Your parcel with {thing} comes {when} between {hour} and later. Nothing to pay.",
    "My phone is almost dead, {plan_say}",
    "Did you click on that link? It is spam, {because_small}",
    "Urgent: {family} is in hospital, nothing bad, call me when you can",
)
SPAM = (
    "{shout} You have won {prize}! {act} {hurry}",
    "{shout} Your number was drawn for {prize}. {act} {code_line}",
    "Congratulations {name}, {prize} is waiting for you. {act}",
    "{offer}! {act} {hurry} {stop}",
    "{offer}. Today only at {link} {stop}",
    "Get up to ${large} {loan}. No questions, paid {soon}. {act}",
    "{bank_bad}: {lock}. {act_account}",
    "{lock}. {act_account} {hurry}",
    "{parcel_bad}. Pay ${tiny} at {link} {hurry}",
    "{job}. {act}",
    "{lonely} {act_chat}",
    "Lose {number} kilos in {few} days without {sport}! {act}",
    "{few} free {media} a week for your phone! Text {media_word} to {short}. {stop}",
    # What sounds like a friend and is none.
    "Hi {parent}, my phone is broken, this is my new number. {can} you pay ${mid} for me {when}?",
    "Hi, it is {name}, I lost my wallet in {city}. {can} you send ${mid} {soon}? {because_bad}",
    "{hi}I saw this picture of you, {is_it_you} {link}",
    "{hi}{name} told me how {pronoun} made ${large} {when_past}, {see} {link}",
    "{hi}are we still on for {place}? Sorry, wrong number. I am {name}, who are you? {act_chat}",
)
DOUBTFUL = (
    "{shop}: your parcel is at {place}. Confirm {when} at {link}",
    "You have {few} new voicemails. Call {phone} to hear them.",
    "{bank}: a new device has signed in to your account. Not you? Call {phone}",
    "Your subscription to {media} ends {when}. Reply YES to keep it.",
    "Hi, it is {name}. This is my new number, text me back",
    "{shop}: ${mid} off {thing} {when}, show this message at {place}",
    "{clinic}: please call {phone} about your account before {hour}",
)

# Of each gap, with | between them.
RULES = {
    name: tuple(texts.split("|"))
    for name, texts in {
        "hi": "|||Hi {name}, |Hey, |{name}, |Hello {name}. |Hey {name}! ",
        "smile": "||!| :)| haha| x|...| lol",
        "thanks": "| Thanks!| Thank you so much| You are the best",
        "name": (
            "Ada|Ben|Carla|Dan|Emma|Finn|Grace|Hana|Ivan|Jin|Kate|Leo|Mina|Noah|Olga|Paul|"
            "Rosa|Sam|Tom|Uma|Vera|Will|Yuna|Zoe"
        ),
        "who": "{name}|{family}|everyone|the whole team|my sister|the dog",
        "family": "Mum|Dad|Grandma|my brother|your aunt|Uncle {name}|the baby",
        "family_does": (
            "is coming to {place}|wants to cook {food}|has a birthday|needs the car|"
            "flies to {city}|asks if you {favour}"
        ),
        "pronoun": "he|she",
        "can": "Can|Could|Would",
        "when": (
            "tonight|tomorrow|on {day}|at {hour}|after work|this weekend|later|next week|"
            "on {day} at {hour}|tomorrow morning|before {hour}"
        ),
        "when_past": "last week|yesterday|in {few} days|in one month",
        "day": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
        "place": (
            "the station|{name}'s place|the park|school|the gym|the office|the cinema|"
            "the market|the library|the corner shop|the harbour|the pool"
        ),
        "city": "London|Paris|Seoul|Busan|Oslo|Rome|Berlin|Lagos|Lima|Delhi|Cairo|Boston",
        "food": (
            "pizza|soup|noodles|cake|rice|coffee|ice cream|bread|kimchi|curry|pasta|tea|pancakes"
        ),
        "thing": "shoes|a lamp|books|a jacket|headphones|a bike lock|plants|a kettle|glasses|toys",
        "sport": "sport|a diet|effort|hunger",
        "plan_ask": (
            "do you want to {activity} {when}?|are you coming to {place} {when}?|"
            "shall we {activity} {when}?|what are you doing {when}?|"
            "{food} at {place} {when}?|could we {activity} when you finish?"
        ),
        "plan_say": (
            "see you at {place} {when}|I will be at {place} {when}|we {activity} {when}|"
            "let us {activity} {when}|I bring the {food}|meet me at {place}"
        ),
        "activity": (
            "get some {food}|watch the game|go to {place}|study|play cards|walk the dog|"
            "cook {food}|go swimming|see a film|visit {name}"
        ),
        "because": (
            "I have not seen you for weeks.|{who} will be there too.|{name} has cancelled.|"
            "I am bored.|It is raining and I have no car.|We have to win this time.|"
            "I need to talk to you."
        ),
        "because_small": "I have news|it is important|I am bored|do not open it|please",
        "because_bad": "I pay you back {when}.|Please do not call.|Tell nobody.|Thank you!",
        "late": (
            "running late|on the bus|still at {place}|stuck in traffic|on my way|"
            "{few} minutes late|not coming {when}"
        ),
        "sorry": "sorry|start without me|keep me a seat|see you at {hour}|go ahead",
        "order": "Order {food}|Get a ticket|Say hello to {name}|Keep some {food}",
        "favour": (
            "pick up {name}|buy {food}|feed the cat|bring {thing}|call {name}|"
            "send me the notes|give me a lift to {place}|water the plants|print my ticket"
        ),
        "news": (
            "I passed the exam|{name} got the job|We are moving to {city}|"
            "I have finished the report|{name} and {name} are engaged|"
            "I lost my keys at {place}|The train to {city} is cancelled|The {food} was great|"
            "It is snowing in {city}"
        ),
        "comment": (
            "Can you believe it?|I am so happy|What a day|Tell {name}|"
            "We should celebrate {when}|Typical|I told you so"
        ),
        "feeling": "I am so tired|My head hurts|I miss you|I am at home with a cold|So full",
        "ask_back": (
            "How are you?|Are you coming?|What about you?|Do you want some?|How was {place}?|"
            "Call me later|Where are you?|"
        ),
        "thanks_for": (
            "Thanks for the {food}|Thank you for {when_past}|Thanks for the lift|"
            "Happy birthday {name}|That was a lovely evening|Thanks {name}, got home safely"
        ),
        "answer": "Yes|No|OK|Sure|Maybe|Sounds good|Not sure|No problem|Fine",
        "where_are": "Where are you|Are you there|How long do you need|Did you get my message",
        "waiting": "waiting|asking for you|already at {place}|hungry|worried",
        "work": "The meeting is|Class is|The deadline is|My shift starts|Practice is",
        "work_more": "do not be late|bring your laptop|{name} is ill|room {small}|finally",
        "score": "{few} to one|in overtime|the last game|against {city}|again",
        "prize_small": "a {food} basket|a teddy bear|two tickets|{thing}",
        "shop": "Corner Books|Home & Garden|ShoeBox|City Post|Fast Parcel|Plant World",
        "clinic": "Dr {name}|Smile Dental|City Clinic|Eye Centre|Happy Vet",
        "bank": "First Bank|City Bank|Your bank|Union Credit",
        "tiny": "1.99|2.49|0.99|2.99|3.50",
        "few": "two|three|four|five|seven|ten|3|5|10",
        "number": "5|8|10|12|15",
        "shout": "WINNER!|URGENT!|Congratulations!|Final notice:|Dear customer,|Great news!",
        "prize": (
            "a ${large} gift card|${large} in cash|a new phone|a free holiday in {city}|"
            "our weekly prize|{few} tickets to {city}"
        ),
        "act": (
            "Call {phone} now.|Claim at {link}|Text {media_word} to {short}.|Reply YES.|"
            "Visit {link} today.|Click {link}"
        ),
        "act_account": "Log in at {link}|Confirm your card at {link}|Call {phone} at once.",
        "act_chat": "Text me on {phone}|Write to me at {link}|Reply if you are free {when}.",
        "hurry": "||Ends {when}!|Only {few} left.|Within {few} hours.|Last chance!",
        "code_line": "|Your code: {code}|Quote {code}.|Ref {code}",
        "stop": "|Reply STOP to end.|18+ only|Terms at {link}|${tiny} a week",
        "offer": (
            "Half price on {thing}|FREE ringtones|Cheap medicine without a doctor|"
            "Buy one {thing_one}, get {few} free|Unlimited calls for ${tiny}|"
            "{number}% off all watches"
        ),
        "thing_one": "phone|watch|bag|ticket",
        "loan": "in cash|as a loan|for your house|with bad credit",
        "soon": "today|now|in one hour|quickly|{when}",
        "bank_bad": "First Bank|City Bank|Security team|Tax office|PayOnline",
        "lock": (
            "Your account is locked|Your card was used in {city}|You have a refund of ${mid}|"
            "We could not take your payment|Your password ends {when}"
        ),
        "parcel_bad": "Your parcel is held|We missed you|A fee is due for your {thing}",
        "job": (
            "Work from home, ${mid} a day|"
            "We read about you, {name}: easy job, ${large} a month|Earn money with your phone"
        ),
        "lonely": "I am new in {city} and alone.|Singles near {place}!|{name} likes you.",
        "media": "ringtones|films|games|songs",
        "media_word": "WIN|GO|YES|TONE|PLAY",
        "parent": "Mum|Dad",
        "is_it_you": "is it you?|you look great:|everyone has seen it:",
        "see": "look at|try|it works, see",
    }.items()
}
RULES |= {
    "hour": tuple(f"{hour}{part}" for hour in range(1, 12) for part in ("", ":15", ":30", " pm")),
    "small": tuple(map(str, range(3, 60, 4))),
    "mid": tuple(map(str, range(40, 900, 35))),
    "large": tuple(f"{number},000" for number in (1, 2, 3, 5, 8, 10, 20, 50)),
    "code": tuple(str(1009 + 613 * i) for i in range(14)),
    "phone": tuple(f"555-01{i:02}" for i in range(0, 100, 3)),
    "short": tuple(str(50_200 + 37 * i) for i in range(12)),
    "link": tuple(
        f"{name}{end}.example"
        for name in (
            "win",
            "claim",
            "my-account",
            "secure-pay",
            "post-fee",
            "gift",
            "bestdeal",
            "info",
        )
        for end in ("", "24", "-now", "4u")
    ),
}

ABBREVIATIONS = {
    "you": "u",
    "your": "ur",
    "are": "r",
    "to": "2",
    "for": "4",
    "tomorrow": "tmrw",
    "tonight": "2nite",
    "please": "pls",
    "thanks": "thx",
    "and": "n",
    "see": "c",
    "because": "cos",
    "text": "txt",
    "message": "msg",
}
