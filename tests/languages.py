"""Small folders in four languages, with questions that they answer and questions that they do not."""

from __future__ import annotations

from typing import NamedTuple


class Folder(NamedTuple):
    texts: dict[str, str]
    told: dict[str, str]  # question -> words of the sentence that answers it
    untold: tuple[str, ...]


FOLDERS = {
    "german": Folder(
        {
            "haus.txt": """Hausordnung

Hunde dürfen nur mit Zustimmung der Vermieterin gehalten werden. Kleine
Tiere wie Hamster sind ohne Erlaubnis gestattet. Die Nachtruhe dauert
von 22 Uhr bis 6 Uhr. Das Treppenhaus wird jede Woche von den Bewohnern
gereinigt. Fahrräder gehören in den Keller und nicht in den Flur.
""",
            "vertrag.txt": """Mietvertrag der Lindenstraße 12

Die Miete beträgt 640 Euro im Monat und ist am dritten Werktag fällig.
Die Kaution beläuft sich auf drei Monatsmieten, also 1.920 Euro. Der
Vertrag wurde am 4. Mai 2019 von Frau Keller unterschrieben. Die
Kündigungsfrist beträgt drei Monate. Schäden an der Heizung sind sofort
zu melden.
""",
            "bad.txt": """Das Freibad am Stadtpark

Das Freibad öffnet im Sommer um acht Uhr und schließt um zwanzig Uhr.
Eine Karte kostet 4 Euro, Kinder zahlen die Hälfte. Das große Becken ist
fünfzig Meter lang. Der Bademeister heißt Jonas Brandt und arbeitet seit
2011 dort. Im Winter bleibt das Bad geschlossen.
""",
        },
        {
            "Darf ich einen Hund halten?": "Zustimmung der Vermieterin",
            "Wie hoch ist die Kaution?": "1.920 Euro",
            "Wer hat den Vertrag unterschrieben?": "Frau Keller",
        },
        (
            "Wie viele Einwohner hat die Hauptstadt von Peru?",
            "Welche Impfungen brauche ich für eine Reise nach Indien?",
        ),
    ),
    "french": Folder(
        {
            "maison.txt": """Règlement de l'immeuble

Les chiens sont admis seulement avec l'accord de la propriétaire. Il est
interdit de fumer dans l'escalier. Le silence est demandé de 22 heures à
7 heures. Les vélos se rangent à la cave. Les poubelles sortent le mardi
soir.
""",
            "bail.txt": """Le bail de la rue des Tilleuls

Le loyer est de 710 euros par mois et se paie le cinq. La caution
s'élève à deux mois de loyer, soit 1 420 euros. Le bail a été signé le
12 mars 2018 par Madame Lefèvre. Le préavis est de trois mois. Toute
fuite d'eau doit être signalée aussitôt.
""",
            "piscine.txt": """La piscine du parc

La piscine ouvre en été à neuf heures et ferme à vingt heures. Un billet
coûte 4 euros et les enfants paient la moitié. Le grand bassin mesure
cinquante mètres. Le maître nageur s'appelle Paul Garnier et travaille
ici depuis 2011. En hiver, la piscine reste fermée.
""",
        },
        {
            "Est-ce que je peux avoir un chien ?": "accord de la propriétaire",
            "Quel est le montant de la caution ?": "1 420 euros",
            "Qui a signé le bail ?": "Madame Lefèvre",
        },
        (
            "Combien d'habitants compte la capitale du Pérou ?",
            "Quels vaccins faut-il pour un voyage en Inde ?",
        ),
    ),
    "spanish": Folder(
        {
            "casa.txt": """Normas de la casa

Los perros se admiten solo con el permiso de la propietaria. Está
prohibido fumar en la escalera. El silencio dura de las 23 a las 7
horas. Las bicicletas se guardan en el sótano. La basura se saca los
martes por la noche.
""",
            "contrato.txt": """El contrato de la calle de los Tilos

El alquiler es de 680 euros al mes y se paga el día cinco. La fianza es
de dos meses, es decir, 1.360 euros. El contrato fue firmado el 9 de
abril de 2020 por la señora Ortega. El preaviso es de tres meses. Toda
fuga de agua debe avisarse enseguida.
""",
            "piscina.txt": """La piscina del parque

La piscina abre en verano a las nueve y cierra a las veinte horas. Una
entrada cuesta 4 euros y los niños pagan la mitad. El vaso grande mide
cincuenta metros. El socorrista se llama Pablo Herrera y trabaja aquí
desde 2011. En invierno la piscina permanece cerrada.
""",
        },
        {
            "¿Puedo tener un perro?": "permiso de la propietaria",
            "¿Cuánto es la fianza?": "1.360 euros",
            "¿Quién firmó el contrato?": "señora Ortega",
        },
        ("¿Cuántos habitantes tiene la capital de Perú?", "¿Qué vacunas hacen falta para un viaje a la India?"),
    ),
    "vietnamese": Folder(
        {
            "nha.txt": """Nội quy tòa nhà

Người thuê chỉ được nuôi chó khi bà chủ nhà đồng ý. Không được hút thuốc
ở cầu thang. Giờ yên tĩnh từ 22 giờ đến 6 giờ. Xe đạp để ở tầng hầm. Rác
được đem ra vào tối thứ ba.
""",
            "hop-dong.txt": """Hợp đồng thuê nhà đường Hoa Sữa

Tiền thuê là 7 triệu đồng mỗi tháng và trả vào ngày mồng năm. Tiền đặt
cọc bằng hai tháng tiền thuê, tức 14 triệu đồng. Hợp đồng do bà Trần Thị
Mai ký ngày 9 tháng 4 năm 2020. Muốn trả nhà phải báo trước ba tháng.
Khi ống nước bị rò phải báo ngay.
""",
            "ho-boi.txt": """Hồ bơi công viên

Hồ bơi mở cửa lúc tám giờ sáng và đóng cửa lúc tám giờ tối. Một vé giá
40 nghìn đồng, trẻ em trả một nửa. Hồ lớn dài năm mươi mét. Nhân viên
cứu hộ tên là Lê Văn Hùng và làm việc ở đây từ năm 2011. Mùa mưa hồ bơi
đóng cửa.
""",
        },
        {
            "Tôi có được nuôi chó không?": "bà chủ nhà đồng ý",
            "Tiền đặt cọc là bao nhiêu?": "14 triệu đồng",
            "Ai đã ký hợp đồng?": "Trần Thị Mai",
        },
        ("Thủ đô của Peru có bao nhiêu dân?", "Cần tiêm vắc-xin nào khi đi du lịch Ấn Độ?"),
    ),
}
