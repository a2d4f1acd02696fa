"""Spanish."""

from ..base import Language
from ..romance import bare_spellings
from .clauses import arrange
from .inflection import VERBS, past, stem
from .phrases import PHRASES
from .synonyms import ANTONYMS, SYNONYMS

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
he has ha hemos han
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
varias-cosas
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
tiene tengo tienen tienes tenemos tener
hay
puede puedo puedes podemos pueden podría podrías podrían poder
debe debo debes debemos deben deber
debería deberías deberían
yo-hice
tú-hiciste
a-hacer
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
estar-así
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
le
les
lo-pronombre
la-pronombre
los-pronombre
las-pronombre
mí-objeto me-objeto nos-objeto
se-objeto
yo-sujeto
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
este-día
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

_TAKEN = VERBS.infinitives.keys() | {
    "si",
    "el",
    "tu",
    "mi",
    "se",
    "te",
    "de",
    "solo",
    "esta",
    "estas",
    "este",
    "que",
    "como",
    "cuando",
    "donde",
}
"""What means something else without an accent."""

SPANISH = Language(
    code="es",
    stem=stem,
    arrange=arrange,
    past=past,
    contractions=_CONTRACTIONS,
    spellings=_SPELLINGS + bare_spellings(_TAKEN, PHRASES, _DROPPABLE, *_OPERATORS.values()),
    fillers="porfa porfavor realmente simplemente",
    phrases=PHRASES,
    droppable=_DROPPABLE,
    first_person=_FIRST_PERSON,
    own="mi mis nuestro nuestra nuestros nuestras tu tus vuestro vuestra",
    operators=_OPERATORS,
    synonyms=SYNONYMS,
    antonyms=ANTONYMS,
    actions="""
borrar cancelar cambiar modificar actualizar instalar desinstalar crear traducir resumir escribir enviar descargar comprar vender pagar
pedir obtener recibir exportar importar convertir corregir generar extraer clasificar comparar explicar describir añadir activar
desactivar configurar abrir cerrar compartir imprimir calcular ordenar listar buscar encontrar proponer renovar contactar reservar
devolver validar verificar
""",
    owners="de",
    condition="si",
    implied="<what> significar",
    pasted="este esta siguiente / texto frase párrafo mensaje correo código comentario",
    adverbs="definitivamente permanentemente rápidamente fácilmente correctamente manualmente",
    owned="idea ejemplo precio plazo fecha receta razón duración tarifa importe procedimiento dirección diferencia formulario motivo requisito",
    loose_owners="para",
    passive_by="por",
    both_ways="entre comparar comparación diferencia ventaja inconveniente distancia",
    ands="y e o u versus",
    clauses="si cuando en para por con después antes sobre a desde durante los el",
    number_words=(
        "cero dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho"
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
