"""Spanish."""

from functools import lru_cache

from .base import Language, lines
from .romance import unaccented
from .spanish_phrases import PHRASES
from .spanish_verbs import VERBS, infinitive, past

_WORDS_OF_THEIR_OWN = frozenset(
    "qué cómo dónde cuándo cuál más sí él tú mí té sé dé aún sólo público médico papá mamá año años ano anos".split()
)
"""What an accent tells from another word."""
_INVARIABLE = frozenset(
    "más menos mes tres seis dos país interés inglés francés portugués japonés autobús estrés lunes martes miércoles jueves viernes crisis"
    " tesis análisis virus gas bus después antes además sms pls css js aws gratis campus".split()
)
_ODD = {
    form: first
    for first, *forms in lines("""
mes meses
país países
interés intereses
inglés inglesa ingleses inglesas
francés francesa franceses francesas
luz luces
voz voces
vez veces
lápiz lápices
juez jueces
gas gases
autobús autobuses
gran grande grandes
buen bueno buena buenos buenas
mal malo mala malos malas
primer primero primera primeros primeras
tercer tercero tercera
algún alguno alguna
señor sr señores
señora sra señoras
""")
    for form in forms
}
_MASCULINE = """
nuevo antiguo último próximo pasado alto bajo largo corto rápido lento barato caro gratuito necesario obligatorio público privado
externo interno máximo mínimo completo correcto incorrecto pequeño blanco negro rojo frío caliente lleno vacío bonito feo claro oscuro
distinto mismo otro segundo cuarto quinto electrónico automático bancario médico jurídico informático técnico diario activo inactivo
positivo negativo abierto cerrado aceptado incluido adjunto requerido necesitado
"""
_FEMININES = {
    adjective[:-1] + ending: adjective
    for adjective in _MASCULINE.split()
    if adjective.endswith("o")
    for ending in ("a", "as", "os")
}


@lru_cache(8192)
def stem(word: str) -> str:
    """The infinitive of a verb's form; of any other word the singular, and the masculine where it is a usual adjective."""
    if word in _WORDS_OF_THEIR_OWN:
        return word
    if verb := infinitive(word):
        return unaccented(verb)
    word = _ODD.get(word, _FEMININES.get(word, word))
    if len(word) > 3 and word.endswith("s") and word not in _INVARIABLE:
        word = (
            word[:-2]
            if word.endswith("es") and word[-3] in "nrldjzáéíóús" and word[:-2] not in _E_ENDING
            else word[:-1]
        )
    return unaccented(_FEMININES.get(word, word))


_E_ENDING = frozenset(
    "client informad cliente nombr clas fras bas interfac lleg viaj mensaj paquet cheq detall tall call vall muell sueld parent herald serie"
    " apartado móvi notebook ayud parquead suerd padr madr compañ tom tard text list sobr podcast restaurant presupuest billet tiquet".split()
)

_PRONOUNS = ("me", "te", "se", "nos", "lo", "la", "los", "las", "le", "les")
_OBJECTS = frozenset(("lo", "la", "los", "las"))


@lru_cache(8192)
def _taken_off(word: str) -> str:
    """The verb and the pronouns behind it: `enviárselo` is `enviar se lo`."""
    for pronoun in sorted(_PRONOUNS, key=len, reverse=True):
        if not word.endswith(pronoun) or len(word) < len(pronoun) + 3:
            continue
        verb = word[: -len(pronoun)]
        plain = unaccented(verb)
        if (plain.endswith(("ar", "er", "ir")) and plain in VERBS.infinitives) or plain in _IMPERATIVES:
            return f"{plain} {pronoun}"
        inner = _taken_off(verb)
        if inner != verb:
            return f"{inner} {pronoun}"
    return word


_IMPERATIVES = frozenset(
    unaccented(form)
    for form, verb in VERBS.infinitives.items()
    if form not in VERBS.past
    and form != verb
    and form.endswith(("a", "e", "an", "en"))
    and not form.endswith(("mos", "as"))
) | {"di", "da", "de", "haz", "pon", "ten", "ven", "sal"}
_NO_VERBS = frozenset(
    "tarde clase base fase frase envase parte arte doble hasta nombre hombre sobre cuando desde este ese esa esta informe informes ventanas"
    " nuestros nuestras detalle calle valle muelle bloqueos vales gestionas detalles calles todos todas cuales nivelas escuela tabla palabra"
    " regla mezcla copla sigla saldo pasos cosas casas cuentas manuales hola consola pantalla pantallas plantilla plantillas cuales tales"
    " sales claves meses países nos los las les denos".split()
)
_SUBJECTS = frozenset("yo tú él ella usted nosotros ellos ellas ustedes no me te se que quien quién".split())


def arrange(words: list[str]) -> list[tuple[str, int]]:
    """The words of a sentence, with pronouns taken off their verb, and `la` before a verb as the pronoun that it is."""
    arranged: list[tuple[str, int]] = []
    for at, word in enumerate(words):
        behind = words[at + 1] if at + 1 < len(words) else ""
        if word in _OBJECTS and infinitive(behind) and (at == 0 or words[at - 1] in _SUBJECTS):
            arranged.append(("lo-pronombre", at))
        elif len(word) > 4 and word.endswith(_PRONOUNS) and word not in _NO_VERBS and infinitive(word) is None:
            verb, *pronouns = _taken_off(word).split()
            arranged.append((verb, at))
            arranged += [("lo-pronombre" if pronoun in _OBJECTS else pronoun, at) for pronoun in pronouns]
        else:
            arranged.append((word, at))
    return arranged


_CONTRACTIONS = """
del = de el
al = a el
xq = por qué
"""

_SPELLINGS = """
correo email e-mail mail correos emails e-mails
wifi wi-fi
contraseña contrasena clave password
contraseñas contrasenas claves
ordenador computadora computador pc
ordenadores computadoras computadores
móvil celular smartphone
móviles celulares
archivo fichero
archivos ficheros
coche carro auto
vídeo video
vídeos videos
aplicación app
aplicaciones apps
supermercado súper super
sesión sesion
está esta-verbo
más mas
también tambien
después despues
todavía todavia
número numero
información informacion
teléfono telefono tel
días dias
día dia
período periodo
factura facutra
hola ola
qué q ke
porque pq
"""

_DROPPABLE = """
el la los las un una unos unas lo
es son ser está están estoy estar estás estamos
este esta esto estos estas ese esa eso esos esas
que cual quien
usted ustedes
tiene tengo tienen tienes tenemos hay
a-personal
pues entonces bien
"""

_FIRST_PERSON = "yo me mi mis mí mío mía míos mías nos nosotros nuestro nuestra nuestros nuestras se"

_OPERATORS = {
    "negation": """
no
nunca jamás
ni
ningún ninguno ninguna
nada
nadie
sin
salvo excepto menos-salvo
ya-no
todavía-no
tampoco
""",
    "quantity": """
todo toda todos todas
cada
alguno alguna algunos algunas algún
varios varias
mucho mucha muchos muchas
poco poca pocos pocas
un-poco
solo sólo solamente únicamente exclusivamente
también
otro otra otros otras
mismo misma mismos mismas
medio media
bastante suficiente
demasiado
casi
aproximadamente
siempre
veces
mayoría
mínimo
máximo
más-que
menos-que
doble
todos-gente
o-viceversa
ambos ambas
alguien
algo
cualquier cualquiera
automáticamente
directamente
""",
    "modality": """
puede puedo puedes podemos pueden podría podrías podrían poder
debe debo debes debemos deben deber
debería deberías deberían
quiere quiero quieres queremos quieren quisiera querer
""",
    "time": """
<past> era eran estaba estaban estuvo hubo había fue fueron tenía tenían
<future> será serán estará estarán habrá habrán tendrá tendrán va van voy vas vamos
antes
después
desde
hasta
durante mientras
cuando
ya
todavía aún
ahora
pronto
luego
último última últimos últimas
próximo próxima próximos próximas
pasado pasada
reciente
primero primera primer
""",
    "place": """
en
a
de
con
para
por
sobre
entre
contra
a-favor
hacia
bajo
ante
tras
según
dentro
fuera
cerca
lejos
encima
debajo
delante
detrás
alrededor
en-lugar
vía
como
aquí
ahí allí allá
arriba
abajo
""",
    "comparison": """
más
menos
mejor mejores
peor peores
tan tanto tanta
versus vs
""",
    "person": """
tú te ti tu tus tuyo tuya vuestro vuestra os vosotros
su sus suyo suya
él
ella
ellos
ellas
le les
lo-pronombre
""",
    "link": """
y e
o u
si
porque
pero
sino
aunque
""",
    "date": """
hoy
ayer
mañana
mañana-parte
tarde
noche
mediodía
medianoche
pasado-mañana
anteayer
este-mes
esta-semana
este-año
mes-pasado
mes-próximo
semana-pasada
semana-próxima
año-pasado
año-próximo
""",
}

_SYNONYMS = """
borrar eliminar suprimir
escribir redactar
empezar comenzar
terminar acabar finalizar
sueldo salario
aumento subida incremento
mostrar enseñar
usar utilizar emplear
contactar
enviar mandar
solicitar pedir
cambiar modificar
precio coste costo tarifa
solucionar resolver
arreglar reparar
necesario imprescindible preciso
obligatorio
añadir agregar
fallo error
devolución reembolso
foto imagen fotografía
rápidamente rápido
fácil sencillo
difícil complicado
elegir seleccionar escoger
comprobar verificar
completar rellenar
rellenar cumplimentar
sustituir reemplazar
conseguir obtener lograr
empresa compañía
empleado trabajador
billete boleto
apartamento piso
permitir autorizar
significado significar
cancelación cancelar
traducción traducir
conversión convertir
instalación instalar
desinstalación desinstalar
activación activar
desactivación desactivar
eliminación eliminar
creación crear
modificación modificar
actualización actualizar
configuración configurar
renovación renovar
inscripción inscribir
aceptado aceptar
ayudar asistir
recordar
intentar tratar
adquirir comprar
listar enumerar
ordenar clasificar-orden
examinar revisar
"""

_ANTONYMS = """
activar habilitar / desactivar deshabilitar
abrir / cerrar
aumentar subir / disminuir bajar reducir
añadir / quitar borrar
instalar / desinstalar
conectar / desconectar
archivar / desarchivar
bloquear / desbloquear
comprar / vender
prestar / pedir
dar / recibir
enviar / recibir
entrar / salir
llegar / salir
llegada / salida
empezar / terminar
encender / apagar
aceptar / rechazar
permitir / prohibir
importar / exportar
cifrar / descifrar
comprimir / descomprimir
ganar / perder
ventaja / desventaja inconveniente
primero / último
próximo / último pasado
nuevo / antiguo viejo
grande / pequeño
alto / bajo
largo / corto
rápido / lento
fácil / difícil
bueno / malo
mejor / peor
caliente / frío
lleno / vacío
público / privado
externo / interno
entrante / saliente
ascendente / descendente
positivo / negativo
mínimo / máximo
posible / imposible
disponible / indisponible
gratis / pago
formal / informal
mayúscula / minúscula
mañana / tarde
día / noche
con / sin
más / menos
antes / después
comprador / vendedor
cliente / proveedor
inquilino / propietario
alta-dar / baja-dar
entrar-sesión / salir-sesión
mostrar / ocultar
contratar / despedir
a-favor / contra
"""

SPANISH = Language(
    code="es",
    stem=stem,
    arrange=arrange,
    past=past,
    contractions=_CONTRACTIONS,
    spellings=_SPELLINGS,
    fillers="porfa porfavor realmente simplemente básicamente hola gracias",
    phrases=PHRASES,
    droppable=_DROPPABLE,
    first_person=_FIRST_PERSON,
    operators=_OPERATORS,
    synonyms=_SYNONYMS,
    antonyms=_ANTONYMS,
    actions="""
borrar cancelar cambiar modificar actualizar instalar desinstalar crear traducir resumir escribir enviar descargar comprar vender pagar
pedir obtener recibir exportar importar convertir corregir generar extraer clasificar comparar explicar describir añadir activar
desactivar configurar abrir cerrar compartir imprimir calcular ordenar listar buscar encontrar proponer renovar contactar reservar
devolver validar verificar
""",
    owners="de",
    owned="precio plazo fecha receta razón duración tarifa importe procedimiento dirección diferencia formulario motivo requisito",
    loose_owners="para",
    passive_by="por",
    both_ways="entre comparar comparación diferencia ventaja inconveniente distancia",
    ands="y e o u versus",
    clauses="si cuando en para por con después antes sobre a desde durante los el",
    number_words=(
        "cero uno una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho"
        " diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco treinta cuarenta cincuenta sesenta setenta ochenta"
        " noventa cien ciento doscientos trescientos cuatrocientos quinientos mil millón millones"
    ),
    ordinals="""
primer 1º
primero 1º
primera 1º
segundo 2º
segunda 2º
tercer 3º
tercero 3º
tercera 3º
cuarto 4º
cuarta 4º
quinto 5º
quinta 5º
sexto 6º
séptimo 7º
octavo 8º
noveno 9º
décimo 10º
""",
    units="""
segundo segundos seg s
minuto minutos min
hora horas h
día días
semana semanas
mes meses
año años
percent %
euro euros eur €
dólar dólares usd $
libra libras lb
peso pesos
kilómetro kilómetros km kms
metro metros m
centímetro centímetros cm
milímetro milímetros mm
kilogramo kilogramos kg kilo kilos
gramo gramos g
tonelada toneladas t
litro litros l
mililitro mililitros ml
kb
mb mega megas
gb giga gigas
tb
grado grados °
celsius °c
palabra palabras
página páginas
línea líneas
""",
    months="""
enero ene
febrero feb
marzo mar
abril abr
mayo
junio jun
julio jul
agosto ago
septiembre sep sept setiembre
octubre oct
noviembre nov
diciembre dic
""",
    weekdays="""
lunes lun
martes mar
miércoles mié mie miercoles
jueves jue
viernes vie
sábado sáb sab sábados sabado sabados
domingo dom domingos
""",
    form="""
tabla lista viñeta json xml csv html markdown párrafo frase palabra línea página breve corto detallado largo formal informal tono español inglés
francés alemán italiano portugués carta poema correo mensaje artículo resumen
""",
)
