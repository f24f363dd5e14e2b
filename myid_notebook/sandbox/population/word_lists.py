"""Word lists for the generator: names, addresses, departments and security questions.

The names are common ones from many languages. The generator combines them at random.
"""

_FIRST_NAMES = """
Aaliyah Adaeze Ahmed Aiko Aisha Akira Alejandra Amara Amit Ana Anders Anja Anneliese Arjun Astrid
Aylin Beatriz Benedikt Bilal Bronwyn Camila Carlos Chidi Chiara Chloe Daichi Dalia David Deepa
Dmitri Ebba Eduardo Elif Elena Emeka Emilia Esi Farid Fatima Femi Finn Freya Gabriel Giulia Goran
Grace Hana Haruto Hassan Helena Hugo Ibrahim Ida Ilse Imani Ines Ingrid Isabel Ivan Jakub Jasmin
Javier Jelena Jin Joanna Jomo Jonas Jorge Josephine Juan Kamala Karim Katarzyna Keiko Kenji
Khadija Kofi Lakshmi Lars Layla Leila Liam Lin Linnea Lucia Maeve Magnus Malik Manuela Marek Maria
Mateo Mei Mikkel Milan Minh Mirela Nadia Naveen Ngozi Niamh Nikolai Noor Oksana Olamide Omar Oscar
Padma Paulo Petra Priya Quentin Rafael Rahul Rania Rasmus Ravi Renata Rin Rosa Salma Samuel Sanjay
Santiago Sara Sefa Selin Siobhan Sofia Stefan Sunita Svetlana Tariq Tatiana Tendai Thabo Thandiwe
Tomas Tuan Ulla Uma Valentina Vikram Wanjiru Wei Xin Yara Yasmin Yuki Yusuf Zainab Zanele Zofia
"""
_LAST_NAMES = """
Abara Adeyemi Ahmadi Alvarado Andersen Aoki Arslan Asante Baptiste Barros Becker Benali Bergstrom
Bianchi Bose Brandt Byrne Cardoso Castillo Chanda Chowdhury Conti Dahl Danso Delgado Demir Desai
Diallo Dlamini Doyle Dubois Dvorak Eide Ekwueme Eriksen Espinoza Fashola Ferrari Fischer Fontaine
Fujita Gallagher Garcia Ghosh Gomes Greco Gruber Gunawan Haddad Halvorsen Hansen Hashimoto Herrera
Hoang Horvat Hussain Ibarra Inoue Iyer Jansen Jimenez Joshi Kamara Kaplan Karlsson Kaya Keller
Khan Kimura Kowalski Kruger Kumar Lam Larsen Lemaire Lindqvist Lopes Mahlangu Malhotra Marino
Mbeki Mehta Mensah Meyer Moreau Moyo Mwangi Nair Nakamura Ncube Nguyen Nielsen Novak Nowak
Nyambura Obi Okafor Okonkwo Olsen Ortega Osei Ozturk Park Patel Pereira Petrov Pham Popescu
Qureshi Ramos Rahman Rao Reyes Ricci Rossi Saito Salazar Santos Sato Schneider Sharma Silva Simic
Singh Sithole Sokolov Suarez Suzuki Takahashi Tanaka Torres Tran Traore Usman Vargas Vasquez
Virtanen Wagner Walsh Wang Weber Wierzbicki Yamamoto Yilmaz Zhang Zhou Zimmermann
"""

FIRST_NAMES = tuple(_FIRST_NAMES.split())
LAST_NAMES = tuple(_LAST_NAMES.split())
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
