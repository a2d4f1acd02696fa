"""Spanish words of one meaning, and of opposite ones."""

SYNONYMS = """
borrar eliminar suprimir eliminación
escribir redactar
empezar comenzar
terminar acabar finalizar
sueldo salario
aumento subida incremento
mostrar enseñar
usar utilizar emplear
enviar mandar
solicitar pedir
cambiar modificar modificación
precio tarifa
solucionar resolver
arreglar reparar
necesario imprescindible
añadir agregar
foto fotografía
rápidamente rápido
fácil sencillo
difícil complicado
elegir seleccionar escoger
comprobar verificar
completar rellenar cumplimentar
sustituir reemplazar
conseguir obtener lograr
empresa compañía
empleado trabajador
billete boleto
permitir autorizar
cancelar cancelación anular anulación
traducir traducción
convertir conversión
instalar instalación
desinstalar desinstalación
activar activación
desactivar desactivación
crear creación generar generación
actualizar actualización
configurar configuración
renovar renovación
inscribir inscripción
ayudar asistir
recordar
comprar adquirir
listar enumerar
gratis gratuito
"""

ANTONYMS = """
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
