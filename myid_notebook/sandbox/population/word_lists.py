"""Word lists for the generator: names, addresses, departments and security questions.

The names are common ones from many languages. The generator combines them at random. Beside them
there are people whose names or logon names programs often get wrong, and accounts of services.
"""

_FIRST_NAMES = """
Aaliyah Abena Adaeze Adrian Agnieszka Ahmed Aiko Aisha Akira Alan Alejandra Alice Amara Amelia Amit
Ana Anders Andrea Andrew Anita Anja Anneliese Anthony Antonia Arjun Arthur Asha Astrid Ayesha Aylin
Barbara Bashir Beatriz Benedikt Bengt Bernard Bettina Bilal Bogdan Brenda Brian Bronwyn Bruno
Camila Carla Carlos Carmen Caroline Cecilia Charles Chiara Chidi Chloe Christine Claudia Colin Cora
Cyril Daichi Dalia Daniela Daphne David Deborah Declan Deepa Denise Derek Diana Diego Dmitri
Dolores Donald Dorothy Dylan Ebba Edith Eduardo Edward Eileen Eleanor Elena Elias Elif Emeka Emilia
Emma Enzo Eric Erika Esi Esther Ethan Eva Fabian Farid Fatima Felix Femi Fergus Filip Finn Flora
Florian Frances Frank Freya Gabriel Gareth Gemma George Gerda Gilbert Giulia Gloria Goran Gordon
Grace Greta Gustav Hana Hannah Harold Harriet Haruto Hassan Hector Heidi Helena Henry Hilda Holly
Howard Hugo Hussein Ian Ibrahim Ida Ilse Imani Ines Ingrid Irene Iris Isaac Isabel Ivan Ivy Jack
Jakub Janet Jared Jasmin Javier Jelena Jeremy Jin Joanna Joel John Jomo Jonas Jorge Josephine Juan
Judith Julia Kamala Karim Karl Katarzyna Keiko Kenji Kevin Khadija Kirsten Klaus Kofi Lakshmi Lars
Laura Layla Leila Leonard Lewis Liam Lin Linnea Lorna Louise Lucia Lydia Maeve Magnus Malik Manuela
Marcus Marek Margaret Maria Martha Martin Mateo Matilda Mei Michael Mikkel Milan Minh Mirela Miriam
Molly Nadia Nathan Naveen Ngozi Niamh Nigel Nikolai Noor Nora Oksana Olamide Olive Oliver Omar
Oscar Padma Patrick Paula Paulo Peter Petra Philip Priya Quentin Rachel Rafael Rahul Ralph Rania
Rasmus Ravi Rebecca Renata Rin Robert Rosa Ruth Sally Salma Samuel Sanjay Santiago Sara Sean Sefa
Selin Simon Siobhan Sofia Stefan Stella Sunita Susan Svetlana Tariq Tatiana Tendai Teresa Thabo
Thandiwe Thomas Tomas Tuan Ulla Uma Ursula Valentina Vera Victor Vikram Walter Wanjiru Wei Wendy
William Xin Yara Yasmin Yuki Yusuf Yvonne Zainab Zanele Zofia
"""
_LAST_NAMES = """
Abara Abbott Adeyemi Adler Ahmadi Ali Alvarado Andersen Aoki Arslan Asante Bakker Baptiste Barnes
Barros Bauer Becker Bell Benali Bergstrom Bianchi Bose Brandt Brennan Byrne Cardoso Carter Castillo
Chanda Chen Chowdhury Clarke Cohen Conti Cruz Dahl Danso Davies Delgado Demir Desai Diallo Dlamini
Doyle Dubois Dvorak Eide Ekwueme Eriksen Espinoza Evans Fashola Ferrari Fischer Fontaine Fraser
Fujita Gallagher Garcia Ghosh Gomes Greco Green Gruber Gunawan Haddad Halvorsen Hansen Hashimoto
Herrera Hill Hoang Horvat Hughes Hussain Ibarra Inoue Iyer Jansen Jimenez Jones Joshi Kamara Kaplan
Karlsson Kaya Keller Kelly Khan Kimura Kowalski Kruger Kumar Lam Larsen Lemaire Lewis Lindberg
Lindqvist Lopes Mahlangu Malhotra Marino Martin Mbeki Mehta Mensah Meyer Moore Moreau Moyo Murphy
Mwangi Nair Nakamura Ncube Nguyen Nielsen Nolan Novak Nowak Nyambura Obi Okafor Okonkwo Olsen
Ortega Osei Ozturk Park Parker Patel Pereira Petrov Pham Popescu Quinn Qureshi Rahman Ramos Rao
Reyes Ricci Roberts Rossi Saito Salazar Santos Sato Schneider Scott Sharma Silva Simic Singh
Sithole Sokolov Suarez Suzuki Takahashi Tanaka Taylor Torres Tran Traore Turner Usman Vargas
Vasquez Virtanen Vogel Wagner Walker Walsh Wang Weber White Wierzbicki Yamamoto Yilmaz Young Zeller
Zhang Zhou Zimmermann
"""

FIRST_NAMES = tuple(_FIRST_NAMES.split())
LAST_NAMES = tuple(_LAST_NAMES.split())

COMMON_LAST_NAME = "Smith"
"""A surname of so many people that a search for it has several pages."""

ODD_PEOPLE = (
    ("Émile", "Lefèvre", "emile.lefevre"),
    ("Ame\u0301lie", "Be\u0301langer", "amelie.belanger"),  # decomposed: a letter and its accent
    ("Zoe\u0308", "Mu\u0308ller", "zoe.mueller"),  # decomposed
    ("Øyvind", "Sørensen", "oyvind.sorensen"),
    ("Jürgen", "Groß", "juergen.gross"),
    ("Íñigo", "Núñez", "inigo.nunez"),
    ("İpek", "Işık", "İpek.Isik"),  # noqa: RUF001 - Turkish has i with and without its dot
    ("Łukasz", "Żółć", "lukasz.zolc"),
    ("Siân", "O'Connor", "sian.o'connor"),
    ("D'Arcy", "O\u2019Neill", "darcy.oneill"),  # the typographic apostrophe
    ("Anne-Marie", "Fitz-Gerald", "anne-marie.fitz-gerald"),
    ("Jean-Luc", "de la Fontaine-Dupré", "jean-luc.fontaine"),
    ("明", "王", "wang.ming"),
    ("花子", "山田", "山田.花子"),
    ("민준", "김", "kim.minjun"),
    ("Дмитрий", "Соколов", "d.sokolov"),
    ("Юлия", "Щербакова", "ю.щербакова"),
    ("Ελένη", "Παπαδοπούλου", "eleni.papadopoulou"),
    ("فاطمة", "الزهراء", "fatima.alzahra"),
    ("محمد", "حسين", "m.hussein"),
    ("Suharto", "", "suharto"),
    ("", "Govindarajan", "govindarajan"),
    (
        "Maximiliana Alexandrina Bartholomea Konstantina Philippa Theodora Wilhelmina",
        "von Hohenstaufen-Wittelsbach und zu Lindeck",
        "maximiliana.hohenstaufen",
    ),
    ('=HYPERLINK("http://evil.example","x")', "Formula", "formula.one"),
    ("<b>O</b>", "Markup", "markup.one"),
    ("Grace", "Whitfield", "PARTNER\\grace.whitfield"),
    ("Tobias", "Lindemann", "PARTNER\\tlindemann"),
    ("Chiamaka", "Eze", "chiamaka.eze@partner.example"),
    ("Rory", "Mac Giolla", "rory@partner.example"),
)
"""First name, surname and logon name of people who are in the organisation whatever its size."""

KIOSK = "svc-kiosk"
"""The service that holds far more cards than anybody else."""

SERVICES = (
    KIOSK,
    *(
        f"svc-{name}"
        for name in ("backup", "batch", "build", "deploy", "directory", "fax", "gateway")
    ),
    *(f"svc-{name}" for name in ("mail", "monitor", "print", "proxy", "scan", "sync", "timestamp")),
)
"""Logon names of service accounts, which are no people: their only name is their surname."""

STREETS = (
    "Mill Lane",
    "Harbour Road",
    "Orchard Street",
    "Station Road",
    "Lime Avenue",
    "Bridge Street",
)
TITLES = ("", "", "", "Dr", "Ms", "Mr", "Mx")

DEPARTMENTS_BY_DIVISION = {
    "Research": ("Chemistry", "Physics", "Biology", "Statistics", "Field Studies"),
    "Engineering": ("Design", "Production", "Quality", "Tooling", "Maintenance"),
    "Operations": ("Logistics", "Facilities", "Security", "Transport", "Purchasing"),
    "Administration": ("Finance", "Personnel", "Legal", "Archives", "Communication"),
    "Technology": ("Networks", "Service Desk", "Data Platform", "Identity", "Applications"),
}

COLOUR = "What is your favourite colour?"
PET = "What was the name of your first pet?"
SCHOOL = "What was the name of your first school?"
QUESTIONS = (COLOUR, PET, SCHOOL, "In which town were you born?", "What was your first job?")
