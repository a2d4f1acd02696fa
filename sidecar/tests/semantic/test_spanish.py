"""Spanish questions: which may share an answer, which may not, and which guard says why."""

import random

import pytest

from prompt_cache.semantic.guards.comparing import compare
from prompt_cache.semantic.languages.spanish.clauses import arrange
from prompt_cache.semantic.languages.spanish.inflection import past, stem

SAME = """
¿Cómo se puede modificar una reserva? | ¿Cómo modifico una reserva?
¿De qué manera puedo contactar con soporte? | ¿Cómo puedo contactar con soporte?
¿Qué tengo que hacer para darme de baja? | ¿Cómo me doy de baja?
¿Sabes dónde está el manual? | ¿Dónde está el manual?
Quisiera saber si el envío es gratis | ¿El envío es gratis?
¿Hay alguna forma de exportar los datos? | ¿Se pueden exportar los datos?
¿Podrías corregir este texto? | Corrige este texto, por favor
Ayúdame a escribir una carta de dimisión | Escribe una carta de dimisión
Dame un resumen de este artículo | ¿Me das un resumen de este artículo?
como recupero mi cuenta | ¿Cómo recupero mi cuenta?
¿Cómo cambio mi clave? | ¿Cómo cambio mi contraseña?
Mi móvil no carga | Mi celular no carga
¿Cuánto vale el billete? | ¿Cuánto cuesta el billete?
Dame tres ejemplos de metáfora | Dame 3 ejemplos de metáfora
Compara el tren y el avión | Compara el avión y el tren
¿Qué hago si pierdo la tarjeta? | Si pierdo la tarjeta, ¿qué hago?
horario de verano de la oficina | ¿Cuál es el horario de verano de la oficina?
¿Cuáles son los requisitos? | ¿Qué requisitos hay?
El wifi no funciona | No funciona el wifi
¿Qué quiere decir SLA? | ¿Qué significa SLA?
¿Quién firma los contratos? | ¿Por quién son firmados los contratos?
¿A qué hora cierra el súper? | ¿A qué hora cierra el supermercado?
¿Hacen envíos a Canarias? | ¿Envían a Canarias?
¿Cómo se hace para cambiar de dirección? | ¿Cómo cambio de dirección?
¿Se puede pagar con tarjeta? | ¿Puedo pagar con tarjeta?
¿Dónde puedo ver mis facturas? | ¿Dónde veo mis facturas?
¿Qué documentos necesito para matricularme? | ¿Qué documentos hacen falta para matricularse?
¿Con quién debo contactar en caso de avería? | ¿Con quién contacto en caso de avería?
¿Hay gastos de cancelación? | ¿Existen gastos de cancelación?
¿Es obligatorio llevar casco? | ¿Hay que llevar casco?
¿Cuál es la diferencia entre let y const? | ¿Qué diferencia hay entre let y const?
¿Cuánto dura la garantía? | ¿Cuál es la duración de la garantía?
¿Cuándo es la próxima reunión? | ¿Cuándo será la próxima reunión?
Tradúceme este texto al francés: hola | Traduce este texto al francés: hola
¿Puedes escribir una función en Python que ordene una lista? | Escribe una función en Python que ordene una lista
Hazme un resumen de este texto en tres frases | Resume este texto en 3 frases
Necesito que traduzcas esto al inglés: adiós | Traduce esto al inglés: adiós
Corrígeme los errores: yo sabo | Corrige los errores: yo sabo
Dame una lista de las capitales de Europa | Lista las capitales de Europa
Escríbeme un correo de agradecimiento | Redacta un correo de agradecimiento
Explícame qué es una API | ¿Qué es una API?
Genera una contraseña de 12 caracteres | Crea una contraseña de 12 caracteres
¿Podrías darme tres ideas de regalo? | Dame 3 ideas de regalo
No puedo abrir el archivo adjunto | No consigo abrir el archivo adjunto
He olvidado mi contraseña | Olvidé mi contraseña
Quiero cancelar mi contrato | ¿Cómo cancelo mi contrato?
La aplicación no se abre | La app no se abre
Mi pedido todavía no ha llegado | Mi pedido aún no ha llegado
perdi mi tarjeta que hago | Perdí mi tarjeta, ¿qué hago?
¿Cómo recupero un archivo borrado? | ¿Cómo recupero un archivo eliminado?
¿Cómo hago un pedido? | ¿Cómo realizo un pedido?
¿Cómo contacto con atención al cliente? | ¿Cómo contacto con el servicio de atención al cliente?
¿Cómo actualizo la aplicación? | ¿Cómo puedo actualizar la app?
¿Cuál es el sueldo mínimo en 2025? | ¿Cuál es el salario mínimo en 2025?
¿Dónde está la oficina de Vigo? | ¿Dónde se encuentra la oficina de Vigo?
¿Cuánto cuesta el envío? | ¿Cuál es el precio del envío?
¿Cómo puedo recomendar a un amigo? | ¿Cómo recomiendo a un amigo?
¿Qué es el teletrabajo? | ¿En qué consiste el teletrabajo?
¿Cómo accedo a la intranet desde casa? | ¿Cómo puedo acceder a la intranet desde casa?
¿Existe una versión móvil? | ¿Hay una versión móvil?
¿Me podría decir dónde está la sala B12? | ¿Dónde está la sala B12?
¿Cuándo se pagan los salarios? | ¿Cuándo se paga el salario?
¿Qué navegador debo usar? | ¿Qué navegador hay que usar?
Dime la capital de Perú | ¿Cuál es la capital de Perú?
¿Cómo se dice «hola» en japonés? | ¿Cómo decir «hola» en japonés?
Escríbeme un haiku sobre la lluvia | ¿Puedes escribir un haiku sobre la lluvia?
Ordena estas palabras alfabéticamente: pera, kiwi | Por favor, ordena estas palabras alfabéticamente: pera, kiwi
Receta de la tortilla de patatas | Dame la receta de la tortilla de patatas
No he recibido mi pedido | No recibí mi pedido
Mi ordenador ya no arranca | Mi PC ya no arranca
Quiero cambiar de tarifa | Me gustaría cambiar de tarifa
política de devoluciones | ¿Cuál es la política de devoluciones?
¿Para qué sirve un índice? | ¿Cuál es la utilidad de un índice?
¿Cómo hago una captura de pantalla en Mac? | ¿Cómo se hace una captura de pantalla en Mac?
¿Qué diferencia hay entre un máster y un posgrado? | ¿Cuál es la diferencia entre un máster y un posgrado?
¿Cómo notifico una baja médica? | ¿Cómo debo notificar una baja médica?
"""

DIFFERENT = """
order | ¿Puede el jefe leer los correos del empleado? | ¿Puede el empleado leer los correos del jefe?
order | Pasa el archivo de Excel a PDF | Pasa el archivo de PDF a Excel
order | ¿Quién presentó a Ana a Jorge? | ¿Quién presentó a Jorge a Ana?
order | ¿Qué hago si el vendedor denuncia al comprador? | ¿Qué hago si el comprador denuncia al vendedor?
order | ¿Es mejor Python que Java? | ¿Es mejor Java que Python?
order | Cambia la reserva de Madrid a Bilbao | Cambia la reserva de Bilbao a Madrid
order | Resta el gasto del ingreso | Resta el ingreso del gasto
order | El perro mordió al cartero, ¿qué hago? | El cartero mordió al perro, ¿qué hago?
order | Pon la tabla encima del gráfico | Pon el gráfico encima de la tabla
order | ¿Quién llamó a Pedro? | ¿A quién llamó Pedro?
order | Escribe una carta de un padre a su hijo | Escribe una carta de un hijo a su padre
order | ¿Cuántos pesos son un dólar? | ¿Cuántos dólares son un peso?
order | ¿Debo comer antes de tomar la pastilla? | ¿Debo tomar la pastilla antes de comer?
order | Sustituye a Laura por Carmen en el turno | Sustituye a Carmen por Laura en el turno
negation | ¿Puedo pagar con tarjeta? | ¿Puedo pagar sin tarjeta?
negation | ¿Por qué no funciona el micrófono? | ¿Por qué funciona el micrófono?
negation | Nadie contesta mi ticket | Alguien contesta mi ticket
negation | Gastos deducibles | Gastos no deducibles
negation | ¿Qué pasa si tampoco pago? | ¿Qué pasa si también pago?
negation | Cada usuario puede invitar | Ningún usuario puede invitar
negation | Un café con leche | Un café sin leche
negation | ¿Qué hago si no funciona? | ¿Qué hago si funciona?
negation | No uses jerga | Usa jerga
negation | Nunca contestan | Siempre contestan
negation | Ni Ana ni Luis vienen | Ana y Luis vienen
negation | ¿Hay algo en la carpeta? | ¿No hay nada en la carpeta?
negation | ¿Qué módulos ya no se mantienen? | ¿Qué módulos se mantienen?
operators | ¿Qué se dice de la empresa? | ¿Qué se dice a la empresa?
operators | ¿Dónde está mi pedido? | ¿Dónde está su pedido?
operators | ¿Hay tren hasta Cádiz? | ¿Hay tren desde Cádiz?
operators | Quiero que me llame | Quiero que la llame
operators | ¿Trabajas para él? | ¿Trabajas con él?
operators | Facturas por pagar | Facturas pagadas
operators | ¿Quién vive bajo el puente? | ¿Quién vive sobre el puente?
operators | ¿Puedo venir con el perro o el gato? | ¿Puedo venir con el perro y el gato?
operators | ¿Me lo puedes devolver? | ¿Te lo puedo devolver?
operators | Más de tres faltas | Menos de tres faltas
operators | ¿Cuándo llega el técnico? | ¿Cuándo llegó el técnico?
operators | ¿Qué cambios habrá en el convenio? | ¿Qué cambios hubo en el convenio?
operators | Mis facturas vencidas | Las facturas vencidas
operators | ¿Qué me debe mi inquilino? | ¿Qué le debo a mi inquilino?
remainder | ¿Quién trabaja en el proyecto? | ¿Quién trabajaba en el proyecto?
remainder | ¿Qué banco usas? | ¿Cuál es el número del banco?
remainder | Receta de sopa de cebolla | Receta de sopa de calabaza
remainder | ¿Cuándo cobran los becarios? | ¿Cuándo cobran los empleados?
remainder | Plan de 10 euros al mes | Plan de 10 euros al año
remainder | Escribe una nota para los padres | Escribe una nota para los alumnos
remainder | ¿Cuánto cuesta el cura? | ¿Cuánto cuesta la cura?
remainder | Regalo para mi hermano | Regalo para mi hermana
remainder | ¿A qué hora cerraron? | ¿A qué hora cierran?
remainder | ¿Cuál es el plazo? | ¿Cuál es la plaza?
remainder | ¿Dónde está el puerto? | ¿Dónde está la puerta?
remainder | ¿Cuánto vale el libro? | ¿Cuánto vale la libra?
remainder | ¿Qué caso es? | ¿Qué casa es?
form | Respóndeme en español: ¿qué es la RAM? | Respóndeme en inglés: ¿qué es la RAM?
question | ¿Puedo cambiar el turno? | ¿Tengo que cambiar el turno?
question | ¿Se puede fumar en la terraza? | ¿Se debe fumar en la terraza?
question | ¿Por qué cambiar la contraseña? | ¿Cómo cambiar la contraseña?
question | ¿Cuánto tarda el envío? | ¿Cuánto cuesta el envío?
question | ¿El banco me debe dinero? | ¿Le debo dinero al banco?
question | ¿Puedes llamarme? | ¿Puedo llamarte?
question | Ya pagué | Ya pago
remainder | Informe de lo que hago | Informe de lo que hacía
question | Quiero trabajar el domingo | Debo trabajar el domingo
question | ¿Qué es un aval? | ¿Por qué un aval?
question | ¿Dónde se firma? | ¿Cuándo se firma?
question | ¿Cuántas personas hay? | ¿Qué personas hay?
question | ¿Puedo cambiar de idea? | ¿Cómo cambio de idea?
question | Vacaciones por enfermedad | ¿Tengo vacaciones por enfermedad?
antonyms | ¿Cómo abro una incidencia? | ¿Cómo cierro una incidencia?
antonyms | ¿Cómo me doy de alta? | ¿Cómo me doy de baja?
antonyms | ¿Cuál es el primer plazo? | ¿Cuál es el último plazo?
antonyms | ¿Cómo bloqueo a un usuario? | ¿Cómo desbloqueo a un usuario?
antonyms | ¿Cómo enciendo la caldera? | ¿Cómo apago la caldera?
antonyms | La reunión del jueves pasado | La reunión del jueves próximo
antonyms | ¿Cómo oculto una columna? | ¿Cómo muestro una columna?
antonyms | ¿Cómo acepto una invitación? | ¿Cómo rechazo una invitación?
antonyms | ¿Cuánto gano? | ¿Cuánto pierdo?
entities | ¿Cómo llego a Mérida? | ¿Cómo llego a Lérida?
entities | ¿Quién escribió Rayuela? | ¿Quién escribió Ficciones?
numbers | Resume en dos frases | Resume en una frase
numbers | ¿Qué dice el artículo tercero? | ¿Qué dice el artículo cuarto?
dates | ¿Qué hay el martes? | ¿Qué hay el miércoles?
dates | Reunión del mes pasado | Reunión del mes que viene
dates | ¿Qué pasó ayer? | ¿Qué pasa hoy?
quotes | Traduce: llego a las ocho | Traduce: llego a las nueve
identifiers | ¿Qué hace rm -r? | ¿Qué hace rm -rf?
"""


ODD = [
    ",",
    "",
    "cómo",
    "qué",
    "por",
    "quién",
    "son",
    "es",
    "no",
    "ya",
    "funciona",
    "la",
    "los",
    "llame",
    "dame",
    "enviárselo",
    "firmados",
    "pagar",
    "el",
    "un",
    "me",
    "factura",
]


def _pairs(block: str) -> list[list[str]]:
    return [[part.strip() for part in line.split(" | ")] for line in block.strip().splitlines()]


@pytest.mark.parametrize(("asked", "stored"), _pairs(SAME))
def test_one_answer_serves_both(asked: str, stored: str) -> None:
    for one, other in ((asked, stored), (stored, asked)):
        assert [verdict for verdict in compare(one, other) if not verdict.agrees] == []


@pytest.mark.parametrize(("guard", "asked", "stored"), _pairs(DIFFERENT))
def test_the_guard_whose_concern_it_is_refuses(guard: str, asked: str, stored: str) -> None:
    for one, other in ((asked, stored), (stored, asked)):
        refused = [verdict for verdict in compare(one, other) if not verdict.agrees]
        assert guard in [verdict.guard for verdict in refused]
        assert all(verdict.saw for verdict in refused)


@pytest.mark.parametrize(
    ("forms", "of"),
    [
        ("envío envías envíe envié enviado", "enviar"),
        ("pago pague pagué pagada", "pagar"),
        ("traduzco traduce tradujo", "traducir"),
        ("busque busco buscas", "buscar"),
        ("meses", "mes"),
        ("nuevas nuevo", "nueva"),
        ("contraseñas", "contraseña"),
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms: str, of: str) -> None:
    assert {stem(form) for form in forms.split()} == {stem(of)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("plazo", "plaza"),
        ("puerto", "puerta"),
        ("hijo", "hija"),
        ("libro", "libra"),
        ("cuenta", "cuento"),
        ("modo", "moda"),
        ("empleado", "empleador"),
        ("trabajaba", "trabajar"),
        ("año", "ano"),
    ],
)
def test_two_words_never_have_one_stem(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_what_is_done_is_told_from_what_is_still_to_be_done() -> None:
    assert past("llegó")
    assert past("pagadas")
    assert not past("llega")
    assert not past("empleado")


@pytest.mark.parametrize(
    ("words", "arranged"),
    [
        ("explícame el plan", "explica me el plan"),
        ("puedes llamarla ?", "puedes llamar la-pronombre"),
        ("quiero enviárselo", "quiero enviar se-objeto lo-pronombre"),
        ("que la llame", "que la-pronombre llame"),
        ("por quién son firmados los contratos ?", "quién firmar los contratos"),
        ("no funciona el enlace", "el enlace no funciona"),
        ("plazo de entrega", "<which> plazo de entrega"),
        ("dame el informe", "da me el informe"),
    ],
)
def test_words_are_read_by_what_stands_around_them(words: str, arranged: str) -> None:
    assert " ".join(word for word, _ in arrange(words.split())) == arranged


def test_where_a_word_stood_is_told_of_each_whatever_is_written() -> None:
    chance = random.Random(7)
    for _ in range(5000):
        words = [chance.choice(ODD) for _ in range(chance.randrange(8))]
        assert all(0 <= at < len(words) for _, at in arrange([*words, *["?"] * chance.randrange(2)]))
